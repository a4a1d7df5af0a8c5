# Names of the load balancer, and a certificate for them when none is given.

locals {
  hosts = local.create && var.dns != null ? setunion([var.dns.host], var.dns.other_hosts) : toset([])

  # A name and the wildcard above it are validated by one and the same record.
  validated_domains = local.request_certificate ? toset([for host in local.hosts : trimprefix(host, "*.")]) : toset([])
}

resource "aws_acm_certificate" "this" {
  count = local.request_certificate ? 1 : 0

  domain_name               = var.dns.host
  subject_alternative_names = var.dns.other_hosts
  validation_method         = "DNS"
  tags                      = merge(var.tags, { Name = var.name })

  # A listener always has a certificate, so the next one comes before the last one goes.
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  validations = {
    for domain in local.validated_domains : domain => [
      for option in aws_acm_certificate.this[0].domain_validation_options : option if trimprefix(option.domain_name, "*.") == domain
    ][0]
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.validated_domains

  zone_id = var.dns.zone_id
  name    = local.validations[each.key].resource_record_name
  type    = local.validations[each.key].resource_record_type
  records = [local.validations[each.key].resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "this" {
  count = local.request_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_route53_record" "alias" {
  for_each = local.hosts

  zone_id = var.dns.zone_id
  name    = each.key
  type    = "A"

  alias {
    name                   = aws_lb.this[0].dns_name
    zone_id                = aws_lb.this[0].zone_id
    evaluate_target_health = false
  }
}
