"""What can be saved: findings about buckets, with dated evidence and monthly amounts. Pure."""
