package org.jenkinsci.plugins.workflow.steps

/** Under Jenkins' own name, since a Jenkinsfile may catch it: an abort or a timeout. */
class FlowInterruptedException extends InterruptedException {
    FlowInterruptedException(String message) {
        super(message)
    }
}
