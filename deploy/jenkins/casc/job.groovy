// The nightly job, with the parameters of the Jenkinsfile, so that the first build has them, too.
pipelineJob('s3-monitor') {
    description('Size and cost of the S3 buckets. The description of a build shows the monthly cost.')
    properties {
        disableConcurrentBuilds()
        pipelineTriggers {
            triggers {
                cron {
                    spec('H 3 * * *')
                }
            }
        }
    }
    parameters {
        stringParam('PROFILE', '',
            'AWS profile on the agents. Default: that of the shards file, or AWS\'s default chain.')
        stringParam('REGION', '',
            'Regions, separated by commas or spaces: us-east-1, eu-west-1. Default: all with buckets.')
        stringParam('BUCKET', '',
            'Bucket names or globs, separated by commas or spaces: logs-*, backup-2024. Default: all.')
        stringParam('STORAGE_TYPE', '',
            'Storage types, separated by commas or spaces: StandardStorage, GlacierStorage. Default: all.')
        choiceParam('SPLIT_BY', ['', 'region', 'storage-type', 'account', 'none'],
            'How the work is split into branches. Default: that of the shards file, or region.')
        stringParam('MAX_SHARDS', '',
            'Maximum number of branches. Default: no limit.')
        stringParam('SHARDS_FILE', '',
            'Shards file, a path inside the repository. Default: shards.yaml, if it exists.')
        choiceParam('LAST_MODIFIED', ['', 'auto', 'all', 'off'],
            'Buckets to list for their last-modified date: auto (small ones), all, off. Default: auto.')
        stringParam('PRICES', '',
            'Prices: bundled, a path inside the repository, or dynamodb:TABLE. Default: bundled.')
        choiceParam('COSTS', ['', 'list', 'billed', 'tagged', 'exported'],
            'List prices, or also the bill, by bytes or by tag. Default: that of the shards file.')
        stringParam('POLICIES', '',
            'Policies and budgets to check, a path inside the repository: policies.yaml. Default: none.')
        stringParam('PREVIOUS', '',
            'Compare with: a summary.json inside the repository, or none. Default: the last report.')
        booleanParam('CHECK_PRICES', false,
            'Check whether AWS has published newer prices, and note it in the description.')
        stringParam('LABEL', '',
            'Agent label for plan, report and every shard without one. Default: any agent.')
    }
    definition {
        cpsScm {
            scm {
                git {
                    remote {
                        url('git://source/repository')
                    }
                    branch('*/main')
                    extensions {
                    }
                }
            }
            scriptPath('Jenkinsfile')
            lightweight(true)
        }
    }
}
