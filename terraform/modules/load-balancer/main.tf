# The load balancer and its listeners, unless an existing listener is shared.

locals {
  create              = var.listener_arn == null
  request_certificate = local.create && var.certificate_arn == null && (var.dns == null ? false : !var.dns.private_zone)
  https               = local.create && (var.certificate_arn != null || local.request_certificate)
  scheme              = local.https ? "https" : "http"
  has_test_listener   = local.create ? var.test_port != null : var.test_listener_arn != null

  certificate_arn = !local.create || var.certificate_arn != null ? var.certificate_arn : one(aws_acm_certificate_validation.this[*].certificate_arn)

  listener_arn      = !local.create ? var.listener_arn : local.https ? one(aws_lb_listener.https[*].arn) : one(aws_lb_listener.http[*].arn)
  test_listener_arn = local.create ? one(aws_lb_listener.test[*].arn) : var.test_listener_arn

  # The ARN of a listener holds that of its load balancer: arn:…:listener/app/NAME/ID/ID.
  shared_arn_parts = local.create ? null : regex("^(?P<head>arn:.*):listener/(?P<suffix>app/[^/]+/[^/]+)/", var.listener_arn)

  load_balancer_arn        = local.create ? one(aws_lb.this[*].arn) : "${local.shared_arn_parts.head}:loadbalancer/${local.shared_arn_parts.suffix}"
  load_balancer_arn_suffix = local.create ? one(aws_lb.this[*].arn_suffix) : local.shared_arn_parts.suffix

  host        = local.create ? (var.dns == null ? one(aws_lb.this[*].dns_name) : var.dns.host) : null
  origin      = local.create ? "${local.scheme}://${local.host}" : null
  test_origin = local.create && local.has_test_listener ? "${local.scheme}://${local.host}:${var.test_port}" : null
}

resource "aws_lb" "this" {
  count = local.create ? 1 : 0

  name                       = var.name
  internal                   = var.internal
  load_balancer_type         = "application"
  subnets                    = var.subnet_ids
  security_groups            = var.security_group_ids
  enable_deletion_protection = var.deletion_protection
  idle_timeout               = var.idle_timeout_seconds
  # A header that breaks the rules of HTTP may be read differently by the load balancer and the service (request smuggling).
  drop_invalid_header_fields = true
  tags                       = merge(var.tags, { Name = var.name })

  dynamic "access_logs" {
    for_each = var.access_logs == null ? [] : [var.access_logs]

    content {
      enabled = true
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
    }
  }
}

# One resource for both uses of port 80: a certificate that comes later turns it into a redirect in place.
resource "aws_lb_listener" "http" {
  count = local.create ? 1 : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 80
  protocol          = "HTTP"
  tags              = var.tags

  default_action {
    type = local.https ? "redirect" : "fixed-response"

    dynamic "redirect" {
      for_each = local.https ? ["https"] : []

      content {
        status_code = "HTTP_301"
        protocol    = "HTTPS"
        port        = "443"
      }
    }

    dynamic "fixed_response" {
      for_each = local.https ? [] : ["404"]

      content {
        status_code  = "404"
        content_type = "text/plain"
        message_body = "Not found"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count = local.https ? 1 : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.ssl_policy
  certificate_arn   = local.certificate_arn
  tags              = var.tags

  default_action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
      message_body = "Not found"
    }
  }
}

resource "aws_lb_listener" "test" {
  count = local.create && local.has_test_listener ? 1 : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = var.test_port
  protocol          = upper(local.scheme)
  ssl_policy        = local.https ? var.ssl_policy : null
  certificate_arn   = local.https ? local.certificate_arn : null
  tags              = var.tags

  default_action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
      message_body = "No service and color of that name; send x-sluice-service and x-sluice-color"
    }
  }
}
