"""The edge to AWS: the only place that knows boto3 and botocore, a service a file. Callers see types of ours."""
