import hudson.AbortException

/** The steps of the plugins a Jenkins for this pipeline has, each as strict as the real one where that is cheap. */
class Steps {
    /** Named parameters that a step supports; any other fails the build, as Jenkins' data binding does. */
    static final Map<String, List<String>> PARAMETERS = [
        archiveArtifacts: ['artifacts', 'fingerprint', 'allowEmptyArchive', 'excludes', 'onlyIfSuccessful'],
        catchError: ['message', 'buildResult', 'stageResult', 'catchInterruptions'],
        checkout: [], deleteDir: [], dir: [], echo: [], error: [], fileExists: [], node: [], parallel: [], readFile: ['file', 'encoding'],
        junit: ['testResults', 'allowEmptyResults', 'skipMarkingBuildUnstable', 'skipPublishingChecks', 'keepLongStdio'],
        mail: ['to', 'cc', 'bcc', 'from', 'replyTo', 'subject', 'body', 'mimeType', 'charset'],
        publishHTML: ['target'],
        retry: ['count', 'conditions'],
        script: [],
        sh: ['script', 'label', 'returnStatus', 'returnStdout', 'encoding'],
        stash: ['name', 'includes', 'excludes', 'allowEmpty', 'useDefaultExcludes'],
        timeout: ['time', 'unit', 'activity'],
        unstable: [], unstash: [], withCredentials: [], withEnv: [], writeFile: ['file', 'text', 'encoding'],
    ]
    static final List<String> ON_AN_AGENT = ['archiveArtifacts', 'checkout', 'deleteDir', 'dir', 'fileExists', 'junit',
                                             'publishHTML', 'readFile', 'sh', 'stash', 'unstash', 'withCredentials',
                                             'writeFile']

    final World world
    final Shell shell
    private String folder = ''

    Steps(World world) {
        this.world = world
        this.shell = new Shell(world)
    }

    boolean supports(String name) {
        return PARAMETERS.containsKey(name) && !(name in (world.scenario.absent_steps ?: []))
    }

    /** One step: arguments as Groovy passes them, a map of the named ones first, a body last. */
    Object call(String name, List arguments) {
        Map named = arguments && arguments[0] instanceof Map && name != 'parallel' ? arguments[0] as Map : [:]
        Collection unknown = name == 'checkout' ? [] : named.keySet() - PARAMETERS[name]
        if (unknown) {
            throw new IllegalArgumentException("Unknown parameter(s) found for step ${name}: ${unknown}")
        }
        if (name in ON_AN_AGENT) {
            world.agent()
        }
        Closure body = arguments && arguments[-1] instanceof Closure ? arguments[-1] as Closure : null
        List positional = arguments.findAll { !it.is(named) && !it.is(body) }
        world.steps << [step: name, branch: world.branch, agent: world.agents.peek()?.label,
                        arguments: named ? named.collectEntries { [it.key, it.value.toString()] } : positional*.toString()]
        return "${name}Step"(named, positional, body)
    }

    Object scriptStep(Map named, List positional, Closure body) { body.call() }

    Object dirStep(Map named, List positional, Closure body) {
        folder = positional[0]
        try {
            return body.call()
        } finally {
            folder = ''
        }
    }

    Object writeFileStep(Map named, List positional, Closure body) {
        assert named.encoding == 'UTF-8' : 'without an encoding, the locale of the agent decides'
        File file = new File(world.agent().workspace, named.file.toString())
        file.parentFile.mkdirs()
        file.setText(named.text.toString(), 'UTF-8')
    }

    Object checkoutStep(Map named, List positional, Closure body) {
        if (positional != ['scm']) {
            assert named.$class == 'GitSCM' && named.branches[0].name && named.userRemoteConfigs[0].url
            new File(world.agent().workspace, "${folder}/jenkins").mkdirs()
            new File(world.agent().workspace, "${folder}/jenkins/bundle.py").text = ''
            return [:]
        }
        if (world.scenario.real) {
            // The tree as it stands, not the last commit: tests run before a commit, too.
            String copy = 'cd "$FROM" && git ls-files -z --cached --others --exclude-standard -- ' +
                    'jenkins s3_monitor requirements.lock shards.yaml | tar --null -T - -cf - | tar -C "$TO" -xf -'
            ProcessBuilder builder = new ProcessBuilder('sh', '-ec', copy).inheritIO()
            builder.environment().putAll([FROM: world.scenario.repository, TO: world.agent().workspace.path])
            Process process = builder.start()
            assert process.waitFor() == 0
            (world.scenario.files ?: [:]).each { path, text -> new File(world.agent().workspace, path).text = text }
        }
        String place = world.scenario.subfolder ? "${world.scenario.subfolder}/jenkins" : 'jenkins'
        if (!world.scenario.real) {
            File scripts = new File(world.agent().workspace, place)
            scripts.mkdirs()
            new File(scripts, 'bundle.py').text = ''
        }
        return [:]
    }

    Object deleteDirStep(Map named, List positional, Closure body) {
        world.agent().workspace.deleteDir()
        world.agent().workspace.mkdirs()
    }

    Object echoStep(Map named, List positional, Closure body) { world.log << positional[0].toString() }

    Object errorStep(Map named, List positional, Closure body) { throw new AbortException(positional[0].toString()) }

    Object unstableStep(Map named, List positional, Closure body) {
        world.log << "WARNING: ${positional[0]}".toString()
        world.worsen('UNSTABLE')
        world.mark('UNSTABLE')
    }

    Object fileExistsStep(Map named, List positional, Closure body) { new File(world.agent().workspace, positional[0]).exists() }

    Object readFileStep(Map named, List positional, Closure body) {
        assert named.encoding == 'UTF-8' : 'without an encoding, the locale of the agent decides'
        return new File(world.agent().workspace, named.file.toString()).getText('UTF-8')
    }

    Object stashStep(Map named, List positional, Closure body) {
        world.stash(named.name.toString(), named.includes.toString(), named.excludes?.toString(), named.allowEmpty ?: false)
    }

    Object unstashStep(Map named, List positional, Closure body) { world.unstash(positional[0].toString()) }

    Object shStep(Map named, List positional, Closure body) {
        assert named.script instanceof String : 'a shell line is a constant'
        assert !named.returnStdout
        Map<String, String> environment = world.environment()
        Map record = [label: named.label, script: named.script, branch: world.branch, agent: world.agent().label,
                      environment: environment, status: null, shard: shardOf(named.label?.toString())]
        world.shells << record
        int status = shell.run(named.label?.toString(), named.script, environment)
        record.status = status
        if (!named.returnStatus && status != 0) {
            throw new AbortException("script returned exit code ${status}")
        }
        return named.returnStatus ? status : null
    }

    /** The shard of a command that collects, from the file that the pipeline writes for it. */
    private String shardOf(String label) {
        return label == 'Collect' ? new File(world.agent().workspace, 'shard.txt').getText('UTF-8') : null
    }

    Object nodeStep(Map named, List positional, Closure body) {
        assert world.agents.isEmpty() : 'a node inside a node holds two executors'
        Agent agent = world.allocate(positional[0]?.toString())
        world.agents.push(agent)
        try {
            return body.call()
        } finally {
            world.agents.pop()
        }
    }

    Object withEnvStep(Map named, List positional, Closure body) {
        world.environments.push(positional[0].collectEntries { pair ->
            int sign = pair.toString().indexOf('=')
            assert sign > 0 : 'NAME=value'
            [pair.toString().substring(0, sign), pair.toString().substring(sign + 1)]
        })
        try {
            return body.call()
        } finally {
            world.environments.pop()
        }
    }

    Object withCredentialsStep(Map named, List positional, Closure body) {
        Map<String, String> bound = [:]
        File secrets = new File(world.scratch, "secretFiles-${UUID.randomUUID()}")
        for (binding in positional[0]) {
            Map known = (world.scenario.credentials ?: [:])[binding.credentialsId] as Map
            if (known == null) {
                throw new AbortException("Could not find credentials entry with ID '${binding.credentialsId}'")
            }
            if (known.kind != binding.kind) {
                throw new AbortException("Credentials '${binding.credentialsId}' is of type '${known.kind}' where '${binding.kind}' was expected")
            }
            if (binding.kind == 'file') {
                File secret = new File(secrets, "${binding.variable}/config")
                secret.parentFile.mkdirs()
                secret.text = known.text
                bound[binding.variable] = secret.path
            } else if (binding.kind == 'string') {
                bound[binding.variable] = known.text
            } else {
                bound[binding.usernameVariable] = known.username
                bound[binding.passwordVariable] = known.password
            }
        }
        world.environments.push(bound)
        try {
            return body.call()
        } finally {
            world.environments.pop()
            secrets.deleteDir()
        }
    }

    Object timeoutStep(Map named, List positional, Closure body) {
        assert named.time instanceof Integer && named.time > 0 && named.unit in ['MINUTES', 'HOURS']
        Object itself = new Object()
        world.timeouts.push(itself)
        try {
            return body.call()
        } catch (Interrupted interruption) {
            if (interruption.byTimeout.is(itself)) {
                interruption.actual = false
            }
            throw interruption
        } finally {
            world.timeouts.pop()
        }
    }

    Object retryStep(Map named, List positional, Closure body) {
        int left = (named.count ?: positional[0]) as int
        while (true) {
            left--
            try {
                return body.call()
            } catch (AgentLost lost) {
                if (left == 0 || !('agent' in named.conditions*.kind)) {
                    throw lost
                }
                world.log << 'Retrying'
            } catch (Interrupted interruption) {
                if (left == 0 || named.conditions || interruption.actual) {
                    throw interruption
                }
                world.log << 'Retrying'
            }
        }
    }

    Object catchErrorStep(Map named, List positional, Closure body) {
        try {
            body.call()
        } catch (Interrupted interruption) {
            if (named.catchInterruptions == false && interruption.actual) {
                throw interruption
            }
            caught(named, interruption)
        } catch (Exception failure) {
            caught(named, failure)
        }
        return null
    }

    private void caught(Map named, Exception failure) {
        world.log << "ERROR: ${named.message ?: ''}".toString()
        world.log << "ERROR: ${failure.message}".toString()
        // An interruption, also one by a timeout, has its own result, which counts instead of the given one.
        world.worsen(failure instanceof Interrupted ? 'ABORTED' : named.buildResult ?: 'FAILURE')
        world.mark(failure instanceof Interrupted ? 'ABORTED' : named.stageResult ?: 'SUCCESS')
        if (!(failure instanceof AbortException || failure instanceof Interrupted)) {
            world.log.addAll(failure.stackTrace*.toString())
        }
    }

    /** Branches in order; each to its end, then the first failure, an abort before all others. */
    Object parallelStep(Map named, List positional, Closure body) {
        Map<String, Closure> branches = positional[0] as Map<String, Closure>
        assert !branches.isEmpty() && !branches.containsKey('failFast')
        List<Exception> failures = []
        for (branch in branches.entrySet()) {
            world.branch = branch.key
            try {
                branch.value.call()
            } catch (Exception failure) {
                failures << failure
            } finally {
                world.branch = ''
            }
        }
        if (failures) {
            throw failures.find { it instanceof Interrupted } ?: failures[0]
        }
        return null
    }

    Object archiveArtifactsStep(Map named, List positional, Closure body) {
        for (path in World.matching(world.agent().workspace, named.artifacts.toString())) {
            File copy = new File(world.archive, path)
            copy.parentFile.mkdirs()
            copy.bytes = new File(world.agent().workspace, path).bytes
        }
    }

    Object junitStep(Map named, List positional, Closure body) {
        if (!World.matching(world.agent().workspace, named.testResults.toString()) && !named.allowEmptyResults) {
            throw new AbortException('No test report files were found.')
        }
    }

    Object publishHTMLStep(Map named, List positional, Closure body) {
        List known = ['reportName', 'reportDir', 'reportFiles', 'keepAll', 'alwaysLinkToLastBuild', 'allowMissing',
                      'reportTitles', 'includes', 'escapeUnderscores']
        assert (named.target.keySet() - known).isEmpty()
    }

    Object mailStep(Map named, List positional, Closure body) {
        world.log << "mail to ${named.to}: ${named.subject}".toString()
    }
}
