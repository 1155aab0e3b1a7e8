/** The step sh: runs the command, or simulates it for the scenario. Faults apply to both. */
class Shell {
    final World world

    Shell(World world) {
        this.world = world
    }

    int run(String label, String script, Map<String, String> environment) {
        File named = new File(world.agent().workspace, 'shard.txt')
        String what = label == 'Collect' ? "${label} ${named.text}" : label
        int attempt = (world.attempts[what] ?: 0) + 1
        world.attempts[what] = attempt
        Map fault = (world.scenario.faults ?: []).find {
            it.on == what && (it.attempts == null || attempt in it.attempts)
        } as Map
        if (world.scenario.bundle && label == 'Build the bundle') {
            new File(world.agent().workspace, 's3-monitor.pyz').bytes = new File(world.scenario.bundle.toString()).bytes
            return 0
        }
        int status = world.scenario.real ? reallyRun(script, environment, fault) : play(label, environment, fault)
        return afterwards(fault, status)
    }

    /** The effect of the fault on the pipeline, after the process has ended. */
    private int afterwards(Map fault, int status) {
        switch (fault?.does) {
            case 'lose the agent':
                world.agents.peek().lost = true
                throw new AgentLost(world.agents.peek().label)
            case 'hang':
                world.agents.peek().lost = fault.and_loses_the_agent ?: false
                throw new Interrupted(world.timeouts.peek())
            case 'abort':
                world.aborted = true
                world.agents.peek().lost = fault.and_loses_the_agent ?: false
                throw new Interrupted(null)
            case 'exit':
                return fault.status as int
            default:
                return status
        }
    }

    /** What the commands leave behind, in a word each: enough for the pipeline to go on. */
    private int play(String label, Map<String, String> environment, Map fault) {
        File workspace = world.agent().workspace
        if (fault?.leaves_nothing) {
            return 0
        }
        switch (label) {
            case 'Build the bundle':
                write(workspace, 's3-monitor.pyz', 'program')
                break
            case 'Check prices':
                assert new File(workspace, 'plan/prices.tsv').exists()
                break
            case 'List the required credentials':
                Collection<String> ids = world.scenario.shards.collect { it[2] }.unique().sort()
                String how = ids.size() == 1 ? 'same' : 'each'
                write(workspace, 'credentials.txt', ids.findAll().collect { "${how}\t${it}\n" }.join(''))
                break
            case 'Plan':
                String lines = world.scenario.shards.collect { it.join('\t') + '\n' }.join('')
                write(workspace, 'plan/shards.tsv', lines)
                write(workspace, 'plan/plan.json', '{}')
                write(workspace, 'plan/prices.tsv', "${world.scenario.prices ?: 'bundled'}\t\n")
                write(workspace, 'description.txt', "${world.scenario.shards.size()} shards\n")
                break
            case 'Collect':
                assert new File(workspace, 'plan/plan.json').exists() && new File(workspace, 's3-monitor.pyz').exists()
                write(workspace, "parts/${new File(workspace, 'shard.txt').text}.json", fault == null ? 'complete' : 'partial')
                break
            case 'Aggregate':
                File parts = new File(workspace, 'parts')
                String received = parts.exists() ? parts.listFiles().sort().collect { "${it.name}: ${it.text}" }.join('\n') : ''
                write(workspace, 'report/index.html', received)
                write(workspace, 'report/junit.xml', '<testsuite/>')
                write(workspace, 'report/report.md', '# Amazon S3 storage')
                write(workspace, 'report-description.txt', '$12.34 per month, 1 gap')
                write(workspace, 'summary.txt', 'the summary of this build\n')
                break
            case 'List the shards to collect':
                List<String> pending = new File(workspace, 'plan/shards.tsv').readLines().findAll {
                    File part = new File(workspace, "parts/${it.split('\t')[0]}.json")
                    !part.exists() || part.text != 'complete'
                }
                write(workspace, 'pending.tsv', pending.collect { it + '\n' }.join(''))
                break
            case 'Notify':
                assert environment.WEBHOOK_URL && environment.RESULT
                break
            default:
                throw new IllegalStateException("no stand-in for the command «${label}»")
        }
        return 0
    }

    private static void write(File workspace, String path, String text) {
        File file = new File(workspace, path)
        file.parentFile.mkdirs()
        file.text = text
    }

    /** As Jenkins' durable task does: the interpreter of the first line, the agent's environment and the build's over it. */
    private int reallyRun(String script, Map<String, String> environment, Map fault) {
        File workspace = world.agent().workspace
        File file = new File(world.scratch, 'script.sh')
        file.text = script
        assert script.startsWith('#!/bin/sh -e\n') : 'without it, Jenkins prints every command'
        ProcessBuilder builder = new ProcessBuilder('sh', '-e', file.path).directory(workspace).redirectErrorStream(true)
        builder.environment().clear()
        builder.environment().putAll(environment)
        Process process = builder.start()
        process.outputStream.close()
        process.inputStream.eachLine { String line ->
            world.log << line
            if (fault?.at && line =~ fault.at) {
                boolean forcibly = fault.signal == 'KILL'
                process.toHandle().descendants().forEach { forcibly ? it.destroyForcibly() : it.destroy() }
            }
        }
        return process.waitFor()
    }
}
