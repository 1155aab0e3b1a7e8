// Runs a Jenkinsfile once for every scenario: a JSON object a line on standard input, one a line on standard output.
// usage: groovy -cp tests/jenkins tests/jenkins/run.groovy JENKINSFILE SCRATCH

import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

PrintStream responses = System.out
System.out = System.err

CompilerConfiguration configuration = new CompilerConfiguration()
configuration.scriptBaseClass = Pipeline.name
configuration.addCompilationCustomizers(new Strict())
GroovyClassLoader compiler = new GroovyClassLoader(getClass().classLoader, configuration)
// The classes in this folder are compiled: Groovy would compile again what is newer than the clock, and strictly.
compiler.resourceLoader = { String name -> null } as GroovyResourceLoader
Map<String, Class> compiled = [:].withDefault { String path -> compiler.parseClass(new File(path)) }

int number = 0
System.in.eachLine('UTF-8') { String line ->
    Map response
    try {
        Map scenario = new JsonSlurper().parseText(line) as Map
        File scratch = new File(args[1], "build-${++number}")
        scratch.mkdirs()
        World world = new World(scenario, scratch)
        Pipeline script = compiled[scenario.jenkinsfile ?: args[0]].newInstance() as Pipeline
        script.begin(world)
        script.run()
        if (scenario.library_step) {
            script.invokeMethod('call', null)
        }
        response = world.report()
    } catch (Throwable problem) {
        StringWriter trace = new StringWriter()
        problem.printStackTrace(new PrintWriter(trace))
        response = [broken: "${problem.class.name}: ${problem.message}".toString(), trace: trace.toString()]
    }
    responses.println(JsonOutput.toJson(response))
    responses.flush()
}
