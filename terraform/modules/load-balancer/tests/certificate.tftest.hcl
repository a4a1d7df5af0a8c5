# A certificate that is asked for, and the names of the load balancer.

mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shop-prod/50dc6c495c0c9188"
      arn_suffix = "app/shop-prod/50dc6c495c0c9188"
      dns_name   = "shop-prod-1.ap-northeast-1.elb.amazonaws.com"
      zone_id    = "Z14GRHDCWA56QT"
    }
  }

  mock_resource "aws_lb_listener" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shop-prod/50dc6c495c0c9188/f2f7dc8efc522ab2"
    }
  }

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:ap-northeast-1:111122223333:certificate/asked-for"
      domain_validation_options = [
        {
          domain_name           = "shop.example.com"
          resource_record_name  = "_1.shop.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_1.acm-validations.aws."
        },
        {
          domain_name           = "*.shop.example.com"
          resource_record_name  = "_1.shop.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_1.acm-validations.aws."
        },
        {
          domain_name           = "api.example.com"
          resource_record_name  = "_2.api.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_2.acm-validations.aws."
        },
      ]
    }
  }
}

variables {
  name               = "shop-prod"
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids = ["sg-0123456789abcdef0"]
  dns = {
    host        = "shop.example.com"
    other_hosts = ["*.shop.example.com", "api.example.com"]
    zone_id     = "Z0123456789ABCDEFGHIJ"
  }
}

run "certificate_for_all_names" {
  assert {
    condition     = aws_acm_certificate.this[0].domain_name == "shop.example.com" && aws_acm_certificate.this[0].validation_method == "DNS"
    error_message = "A certificate should be asked for and validated by DNS."
  }

  assert {
    condition     = { for domain, record in aws_route53_record.validation : domain => record.name } == { "shop.example.com" = "_1.shop.example.com.", "api.example.com" = "_2.api.example.com." }
    error_message = "A name and its wildcard should share one record."
  }

  assert {
    condition     = toset([for record in aws_route53_record.alias : record.name]) == toset(["shop.example.com", "*.shop.example.com", "api.example.com"])
    error_message = "Each name should lead to the load balancer."
  }

  assert {
    condition     = aws_lb_listener.https[0].certificate_arn == aws_acm_certificate_validation.this[0].certificate_arn
    error_message = "The listener should wait for a certificate that is valid."
  }

  assert {
    condition     = output.origin == "https://shop.example.com" && output.test_origin == "https://shop.example.com:8443"
    error_message = "Users and verification should be told the host."
  }
}
