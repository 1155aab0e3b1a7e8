"""What a listing or an inventory says of a bucket: pure, but for the one module that knows DuckDB."""
