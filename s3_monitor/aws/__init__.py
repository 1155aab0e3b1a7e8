"""Access to AWS, with one module per service. No other package imports boto3 and botocore."""
