package hudson

/** Under Jenkins' own name, since a Jenkinsfile may catch it: a failure that needs no stack trace. */
class AbortException extends IOException {
    AbortException(String message) {
        super(message)
    }
}
