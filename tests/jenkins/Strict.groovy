import org.codehaus.groovy.ast.ClassCodeVisitorSupport
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.Parameter
import org.codehaus.groovy.ast.expr.*
import org.codehaus.groovy.ast.stmt.*
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.classgen.VariableScopeVisitor
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer
import org.codehaus.groovy.syntax.Types

/**
 * What Jenkins refuses or trips over, refused at compile time: methods outside the sandbox's list, ranges and
 * matchers (they cannot be written to disk), Groovy's own iteration with a closure (it loses its place across a
 * step), values put into shell lines. And before every statement the locals in scope are shown to `localsHeldHere`.
 */
class Strict extends CompilationCustomizer {
    /** Methods a Jenkinsfile may call on a value; all in script-security's generic whitelist. */
    static final List<String> ALLOWED = ['add', 'call', 'contains', 'isEmpty', 'readLines', 'size', 'split', 'toInteger', 'toString', 'trim']
    static final List<String> ITERATING = ['any', 'collect', 'collectEntries', 'each', 'eachWithIndex', 'every', 'find',
                                           'findAll', 'inject', 'sort', 'times', 'upto']

    Strict() {
        super(CompilePhase.SEMANTIC_ANALYSIS)
    }

    void call(SourceUnit source, GeneratorContext context, ClassNode node) {
        if (!node.isScript()) {
            return
        }
        new Refuser(source).visitClass(node)
        for (MethodNode method in node.methods) {
            if (!(method.name in ['main']) && method.code instanceof BlockStatement) {
                new Watcher(names(method.parameters)).block(method.code as BlockStatement)
            }
        }
        new VariableScopeVisitor(source).visitClass(node)
    }

    static List<String> names(Parameter[] parameters) {
        return parameters == null ? [] : parameters*.name
    }
}

class Refuser extends ClassCodeVisitorSupport {
    final SourceUnit sourceUnit

    Refuser(SourceUnit source) {
        this.sourceUnit = source
    }

    private void refuse(String why, Expression where) {
        throw new SecurityException("Jenkinsfile:${where.lineNumber}: ${why}")
    }

    void visitMethod(MethodNode node) {
        if (node.name in Strict.ITERATING) {
            throw new SecurityException("Jenkinsfile:${node.lineNumber}: a method named ${node.name} is Groovy's own")
        }
        super.visitMethod(node)
    }

    void visitRangeExpression(RangeExpression range) { refuse('a range is not serializable', range) }

    void visitBinaryExpression(BinaryExpression binary) {
        if (binary.operation.type == Types.FIND_REGEX) {
            refuse('a matcher is not serializable', binary)
        }
        super.visitBinaryExpression(binary)
    }

    void visitConstructorCallExpression(ConstructorCallExpression call) {
        if (!call.isSpecialCall()) {
            refuse("new ${call.type.name} is outside the sandbox", call)
        }
    }

    void visitStaticMethodCallExpression(StaticMethodCallExpression call) {
        refuse("${call.ownerType.name}.${call.method} is outside the sandbox", call)
    }

    void visitMethodCallExpression(MethodCallExpression call) {
        String name = call.methodAsString
        if (name == null) {
            refuse('a method chosen at run time', call)
        }
        if (!call.isImplicitThis() && !(name in Strict.ALLOWED)) {
            refuse("${name} is not on the list of methods the sandbox allows", call)
        }
        if (name == 'sh') {
            new GStringRefuser(sourceUnit).visitTupleOrList(call.arguments)
        }
        super.visitMethodCallExpression(call)
    }
}

class GStringRefuser extends ClassCodeVisitorSupport {
    final SourceUnit sourceUnit

    GStringRefuser(SourceUnit source) {
        this.sourceUnit = source
    }

    void visitTupleOrList(Expression arguments) {
        arguments.visit(this)
    }

    void visitGStringExpression(GStringExpression text) {
        throw new SecurityException("Jenkinsfile:${text.lineNumber}: a value put into a shell line")
    }

    void visitBinaryExpression(BinaryExpression sum) {
        throw new SecurityException("Jenkinsfile:${sum.lineNumber}: a shell line put together")
    }
}

/** Puts `localsHeldHere([name: local, …])` before every statement, with the locals in scope there. */
class Watcher extends ClassCodeVisitorSupport {
    private List<String> scope

    Watcher(List<String> scope) {
        this.scope = scope
    }

    protected SourceUnit getSourceUnit() { null }

    void block(BlockStatement block) {
        List<String> outer = scope
        scope = new ArrayList<>(outer)
        List<Statement> watched = []
        for (Statement statement in block.statements) {
            statement.visit(this)
            if (scope) {
                watched << watch()
            }
            watched << statement
            if (statement instanceof ExpressionStatement && statement.expression instanceof DeclarationExpression) {
                Expression declared = (statement.expression as DeclarationExpression).leftExpression
                if (declared instanceof VariableExpression) {
                    scope << declared.name
                }
            }
        }
        block.statements.clear()
        block.statements.addAll(watched)
        scope = outer
    }

    private Statement watch() {
        List<MapEntryExpression> entries = scope.unique(false).collect {
            new MapEntryExpression(new ConstantExpression(it), new VariableExpression(it))
        }
        Expression call = new MethodCallExpression(VariableExpression.THIS_EXPRESSION, 'localsHeldHere',
            new ArgumentListExpression([new MapExpression(entries)] as List<Expression>))
        return new ExpressionStatement(call)
    }

    void visitBlockStatement(BlockStatement statement) { block(statement) }

    void visitClosureExpression(ClosureExpression closure) {
        List<String> outer = scope
        scope = outer + Strict.names(closure.parameters)
        closure.code.visit(this)
        scope = outer
    }

    void visitForLoop(ForStatement loop) {
        List<String> outer = scope
        scope = new ArrayList<>(outer)
        if (loop.collectionExpression instanceof ClosureListExpression) {
            Expression first = (loop.collectionExpression as ClosureListExpression).expressions[0]
            if (first instanceof DeclarationExpression) {
                scope << (first.leftExpression as VariableExpression).name
            }
        } else {
            scope << loop.variable.name
        }
        loop.loopBlock.visit(this)
        scope = outer
    }

    void visitCatchStatement(CatchStatement statement) {
        List<String> outer = scope
        scope = outer + [statement.variable.name]
        statement.code.visit(this)
        scope = outer
    }
}
