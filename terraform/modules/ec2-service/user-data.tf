# What an instance runs at its first start: the container, or the caller's script.
locals {
  release = var.container == null ? "" : jsonencode({
    service      = var.service
    image        = var.container.image
    command      = var.container.command
    port         = var.container.port
    stop_seconds = var.container.stop_seconds
    region       = data.aws_region.current.name
    log_group    = var.log_group_name
    environment  = merge({ PORT = tostring(var.container.port) }, var.container.environment)
    files        = var.container.files
    secrets      = var.container.secrets
    secret_files = var.container.secret_files
  })

  user_data = var.container == null ? var.user_data : templatefile("${path.module}/files/user-data.sh.tftpl", {
    release      = local.release
    run_service  = file("${path.module}/files/run-service.sh")
    service      = var.service
    stop_seconds = var.container.stop_seconds
  })
}
