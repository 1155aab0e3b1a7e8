output "role_arn" {
  description = "The value of role_arn in shards.yaml."
  value       = aws_iam_role.reader.arn
}
