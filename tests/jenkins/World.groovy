import hudson.AbortException
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException

/** An agent whose channel is closed: what the retry condition agent() looks for. */
class AgentLost extends IOException {
    AgentLost(String agent) {
        super("Unable to create live FilePath for ${agent}")
    }
}

/** An abort by a person, or a timeout: the latter turns into an ordinary failure outside its own timeout step. */
class Interrupted extends FlowInterruptedException {
    final transient Object byTimeout
    boolean actual = true

    Interrupted(Object byTimeout) {
        super(byTimeout == null ? 'Aborted by a person' : 'Timeout has been exceeded')
        this.byTimeout = byTimeout
    }
}

/** A workspace on an agent. */
class Agent {
    String label
    File workspace
    boolean lost = false
}

/** One build: the scenario, what has happened, and the controller's stashes. */
class World {
    static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']
    static final List<String> BUILD_VARIABLES = ['BUILD_NUMBER', 'BUILD_URL', 'JOB_NAME', 'WORKSPACE']

    final Map scenario
    final File scratch
    final File archive
    final List<Map> steps = []
    final List<Map> shells = []
    final List<String> log = []
    final Map<String, String> marks = [:]
    final Map<String, Map<String, byte[]>> stashes = [:]
    final Map declared = [options: [], parameters: [:], triggers: [], stages: []]
    final Deque<Agent> agents = new ArrayDeque<>()
    final Deque<Map<String, String>> environments = new ArrayDeque<>()
    final Deque<Object> timeouts = new ArrayDeque<>()
    final Map<String, Integer> attempts = [:]
    final Map<String, String> variables = [:]
    String result = 'SUCCESS'
    String description
    String branch = ''
    boolean aborted = false
    long stashedBytes = 0
    long unstashedBytes = 0
    private int workspaces = 0

    World(Map scenario, File scratch) {
        this.scenario = scenario
        this.scratch = scratch
        this.archive = new File(scratch, 'archive')
    }

    /** The stashes that `preserveStashes` kept of the build that is restarted. */
    void restoreStashes() {
        String lines = scenario.shards.collect { it.join('\t') + '\n' }.join('')
        stashes.shard = ['s3-monitor.pyz': 'program'.bytes, 'plan/plan.json': '{}'.bytes, 'plan/shards.tsv': lines.bytes]
        stashes.report = ['plan/prices.tsv': 'bundled\t\n'.bytes, 'credentials.txt': ''.bytes,
                          'description.txt': 'the chosen values\n'.bytes]
        (scenario.parts ?: [:]).each { name, content ->
            stashes["part-${name}".toString()] = [("parts/${name}.json".toString()): content.toString().bytes]
        }
        stashes.keySet().removeAll(scenario.lost_stashes ?: [])
    }

    /** A result only gets worse. */
    void worsen(String to) {
        assert to in RESULTS
        if (RESULTS.indexOf(to) > RESULTS.indexOf(result)) {
            result = to
        }
    }

    /** The stage a branch is drawn as. */
    void mark(String to) {
        String known = marks[branch] ?: 'SUCCESS'
        if (RESULTS.indexOf(to) > RESULTS.indexOf(known)) {
            marks[branch] = to
        }
    }

    Agent agent() {
        if (agents.isEmpty()) {
            throw new IllegalStateException('Required context class hudson.FilePath is missing: the step needs a node')
        }
        if (agents.peek().lost) {
            throw new AgentLost(agents.peek().label)
        }
        return agents.peek()
    }

    Agent allocate(String label) {
        if (aborted && branch) {
            throw new Interrupted(null)
        }
        if (label in (scenario.labels_without_agents ?: [])) {
            throw new Interrupted(timeouts.peek())
        }
        File workspace = new File(scratch, "workspace-${++workspaces}")
        workspace.mkdirs()
        new File(workspace, 'left-by-another-build.txt').text = 'deleteDir comes first'
        return new Agent(label: label, workspace: workspace)
    }

    Map<String, String> environment() {
        Map<String, String> merged = new TreeMap<>()
        merged.putAll(scenario.environment ?: [:])
        merged.putAll([JOB_NAME: 's3-monitor', BUILD_NUMBER: '7'])
        if (!scenario.without_address) {
            merged.BUILD_URL = 'https://jenkins.example.com/job/s3-monitor/7/'
        }
        merged.putAll((scenario.parameters ?: [:]).collectEntries { [it.key, it.value.toString()] })
        merged.putAll(variables)
        environments.descendingIterator().each { merged.putAll(it) }
        return merged.findAll { it.value != '' || it.key.startsWith('PARAM_') }
    }

    static List<String> matching(File folder, String patterns) {
        List<String> found = []
        def matchers = patterns.split(',').collect {
            java.nio.file.FileSystems.default.getPathMatcher("glob:${it.trim()}")
        }
        folder.eachFileRecurse(groovy.io.FileType.FILES) {
            java.nio.file.Path path = folder.toPath().relativize(it.toPath())
            if (matchers.any { matcher -> matcher.matches(path) }) {
                found << path.toString()
            }
        }
        return found.sort()
    }

    void stash(String name, String includes, String excludes, boolean allowEmpty) {
        assert name ==~ /[^?*\/\\%!@#$^&|<>\[\]:;]+/
        Map<String, byte[]> files = [:]
        for (path in matching(agent().workspace, includes) - (excludes ? matching(agent().workspace, excludes) : [])) {
            files[path] = new File(agent().workspace, path).bytes
        }
        if (files.isEmpty() && !allowEmpty) {
            throw new AbortException('No files included in stash')
        }
        if (!(name in (scenario.lost_stashes ?: []))) {
            stashes[name] = files
        }
        stashedBytes += (files.values()*.length.sum() ?: 0) as long
    }

    void unstash(String name) {
        if (!stashes.containsKey(name)) {
            throw new AbortException("No such saved stash ‘${name}’")
        }
        for (file in stashes[name].entrySet()) {
            File target = new File(agent().workspace, file.key)
            target.parentFile.mkdirs()
            target.bytes = file.value
            unstashedBytes += file.value.length
        }
    }

    Map report() {
        return [
            result: result, description: description, steps: steps, shells: shells, log: log, marks: marks,
            declared: declared, stashes: stashes.collectEntries { [it.key, it.value.keySet().sort()] },
            stashed_bytes: stashedBytes, unstashed_bytes: unstashedBytes, variables: variables,
            archive: archive.path, archived: archive.exists() ? matching(archive, '**') : [],
        ]
    }
}
