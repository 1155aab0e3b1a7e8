/** The base class a Jenkinsfile is compiled to here: Declarative's sections, the steps, and nothing else. */
abstract class Pipeline extends Script {
    World world
    Steps steps

    void begin(World world) {
        this.@world = world
        this.@steps = new Steps(world)
    }

    /** Locals that live across a step: Jenkins writes them to disk, so they have to be serializable. */
    void localsHeldHere(Map<String, Object> locals) {
        for (local in locals.entrySet()) {
            try {
                freeze(local.value)
            } catch (NotSerializableException problem) {
                throw new NotSerializableException("${problem.message} in the local variable ${local.key}")
            }
        }
    }

    /** Scripts and closures are Jenkins' own business; here they would drag the test along. */
    void freeze(Object value) {
        if (value instanceof Closure || value instanceof Script) {
            return
        }
        if (value instanceof Serializable && value instanceof Map) {
            value.values().each { freeze(it) }
        } else if (value instanceof Serializable && value instanceof Collection) {
            value.each { freeze(it) }
        } else {
            new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(value)
        }
    }

    /** What the Jenkinsfile does not define itself is a step, or a symbol a step takes. */
    Object methodMissing(String name, Object arguments) {
        List listed = (arguments as Object[]).toList()
        if (name in ['agent', 'nonresumable'] && listed.isEmpty()) {
            return [kind: name]
        }
        if (name in ['file', 'string', 'usernamePassword']) {
            return [kind: name] + listed[0]
        }
        if (!steps.supports(name)) {
            throw new NoSuchMethodError("No such DSL method '${name}' found among steps ${Steps.PARAMETERS.keySet()}")
        }
        return steps.call(name, listed)
    }

    Object propertyMissing(String name) {
        switch (name) {
            case 'params':
                return Collections.unmodifiableMap((world.scenario.parameters ?: [:]) as Map)
            case 'env':
                return new Environment(world)
            case 'scm':
                return 'scm'
            case 'currentBuild':
                return new CurrentBuild(world, -1)
            default:
                throw new MissingPropertyException("No such property: ${name}", name, getClass())
        }
    }

    void setProperty(String name, Object value) {
        throw new MissingPropertyException("a global without a declaration: ${name}", name, getClass())
    }

    /** Stages in order, skipped after a failure; then post, in any case; then the result. */
    void pipeline(Closure declaration) {
        Sections root = new Sections(['agent', 'options', 'triggers', 'parameters', 'stages', 'post', 'environment'], world)
        root.read(declaration)
        assert root.found.agent == ['none'] : 'an executor held at the top starves the branches'
        new Sections(['buildDiscarder', 'disableConcurrentBuilds', 'preserveStashes', 'skipDefaultCheckout', 'timestamps', 'logRotator'], world)
            .read(root.found.options[0]).each { name, arguments -> world.declared.options << name }
        new Sections(['cron'], world).read(root.found.triggers[0]).each { name, arguments ->
            world.declared.triggers.addAll(arguments[0] ? [arguments[0]] : [])
        }
        readParameters(root.found.parameters[0])
        if (world.scenario.restart_from && 'preserveStashes' in world.declared.options) {
            world.restoreStashes()
        }
        Throwable failure = runStages(root.found.stages[0])
        // In post a build already has the result it is going to have, as Jenkins reports it.
        if (failure != null) {
            world.log << "${failure.class.simpleName}: ${failure.message}".toString()
            world.worsen(failure instanceof Interrupted ? 'ABORTED' : 'FAILURE')
        }
        Map post = new Sections(['always', 'aborted', 'failure', 'unstable', 'success', 'cleanup'], world).read(root.found.post[0])
        assert post.keySet() == ['always'] as Set
        try {
            inBody(post.always[0])
        } catch (Exception inPost) {
            world.log << "${inPost.class.simpleName}: ${inPost.message}".toString()
            world.worsen(inPost instanceof Interrupted ? 'ABORTED' : 'FAILURE')
        }
    }

    void readParameters(Closure declaration) {
        Sections section = new Sections(['string', 'choice', 'booleanParam', 'text'], world)
        section.repeats = { kind, arguments ->
            Map named = arguments[0]
            assert named.name && named.description
            assert (named.keySet() - ['name', 'description', 'defaultValue', 'trim', 'choices']).isEmpty()
            world.declared.parameters[named.name] = [kind: kind] + named
        }
        section.read(declaration)
    }

    Throwable runStages(Closure declaration) {
        Throwable failure = null
        boolean reached = !world.scenario.restart_from
        Sections stages = new Sections(['stage'], world)
        stages.repeats = { kind, arguments ->
            String name = arguments[0]
            world.declared.stages << name
            reached = reached || name == world.scenario.restart_from
            if (!reached) {
                return
            }
            if (failure != null) {
                world.log << "Stage \"${name}\" skipped due to earlier failure(s)".toString()
                return
            }
            Map parts = new Sections(['steps', 'agent', 'when', 'options', 'post'], world).read(arguments[1])
            world.branch = ''
            try {
                if (parts.when && !isTrue(parts.when[0])) {
                    world.log << "Stage \"${name}\" skipped due to when conditional".toString()
                    return
                }
                inBody(parts.steps[0])
            } catch (Exception problem) {
                failure = problem
            }
        }
        stages.read(declaration)
        return failure
    }

    /** A stage's condition; like Jenkins', only true is true. */
    boolean isTrue(Closure declaration) {
        Closure expression = new Sections(['expression'], world).read(declaration).expression[0]
        expression.delegate = this
        expression.resolveStrategy = Closure.DELEGATE_FIRST
        return expression.call() == true
    }

    void inBody(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body.call()
    }
}

/** The environment variables as a script sees them. It can set some, which later builds can read. */
class Environment implements Serializable {
    private transient World world

    Environment(World world) {
        this.world = world
    }

    Object getProperty(String name) { this.@world.environment()[name] }

    void setProperty(String name, Object value) { this.@world.variables[name] = value.toString() }
}

/** A build as a script sees it: only what the sandbox allows. The build -1 is the current one, 0 its predecessor. */
class CurrentBuild implements Serializable {
    private transient World world
    private int index

    CurrentBuild(World world, int index) {
        this.world = world
        this.index = index
    }

    private Map record() { index < 0 ? [:] : world.scenario.previous_builds[index] as Map }

    String getCurrentResult() { world.result }

    String getResult() { world.result == 'SUCCESS' ? null : world.result }

    String getDescription() { world.description }

    void setDescription(String text) {
        assert index < 0 : 'only the description of the current build can be set'
        world.description = text
    }

    int getNumber() { index < 0 ? 7 : 6 - index }

    /** The current build starts 100,000 s after 1970; an earlier build `started_before` seconds before. */
    long getStartTimeInMillis() { 1000 * (100_000L - ((record().started_before ?: 0) as long)) }

    long getDuration() { 1000 * ((record().seconds ?: 0) as long) }

    String getDurationString() { "${record().seconds} sec" }

    Map<String, String> getBuildVariables() {
        return (record().variables ?: [:]) as Map<String, String>
    }

    CurrentBuild getPreviousBuild() {
        boolean exists = index + 1 < ((world.scenario.previous_builds ?: []) as List).size()
        return exists ? new CurrentBuild(world, index + 1) : null
    }
}

/** A block of Declarative: the supported directives, each with its arguments. */
class Sections {
    final List<String> known
    final World world
    final Map<String, List> found = [:]
    Closure repeats

    Sections(List<String> known, World world) {
        this.known = known
        this.world = world
    }

    Map<String, List> read(Closure declaration) {
        declaration.delegate = this
        declaration.resolveStrategy = Closure.DELEGATE_ONLY
        declaration.call()
        return found
    }

    Object getProperty(String name) {
        if (name == 'env') {
            return new Environment(world)
        }
        return name == 'none' ? 'none' : getMetaClass().getProperty(this, name)
    }

    Object methodMissing(String name, Object arguments) {
        List listed = (arguments as Object[]).toList()
        assert name in known : "${name} is not allowed here, only ${known}"
        if (repeats) {
            repeats(name, listed)
            return null
        }
        assert !found.containsKey(name) : "${name} given twice"
        found[name] = listed
        return listed ? listed[0] : null
    }
}
