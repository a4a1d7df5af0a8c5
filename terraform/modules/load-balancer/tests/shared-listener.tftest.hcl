# A listener that several projects share: nothing of it is made or changed here but the service's own rules.

mock_provider "aws" {
  mock_resource "aws_lb_target_group" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/shop-prod-web/73e2d6bc24d8a067"
      arn_suffix = "targetgroup/shop-prod-web/73e2d6bc24d8a067"
    }
  }
}

variables {
  name              = "shop-prod"
  vpc_id            = "vpc-0123456789abcdef0"
  listener_arn      = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1234567890abcdef/abcdef1234567890"
  test_listener_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1234567890abcdef/fedcba0987654321"
  services = {
    web = {
      target_group_names = { blue = "shop-prod-web-blue", green = "shop-prod-web-green" }
      port               = 3000
      rules              = { all = { priority = 200, hosts = ["shop.example.com"] } }
      test_priorities    = { blue = 1, green = 2 }
    }
  }
}

run "only_rules_and_groups_are_made" {
  assert {
    condition     = length(aws_lb.this) + length(aws_lb_listener.http) + length(aws_lb_listener.https) + length(aws_lb_listener.test) == 0
    error_message = "Neither load balancer nor listener should be made."
  }

  assert {
    condition     = aws_lb_listener_rule.traffic["web/all"].listener_arn == var.listener_arn && aws_lb_listener_rule.test["web-green"].listener_arn == var.test_listener_arn
    error_message = "Rules should stand on the shared listeners."
  }

  assert {
    condition     = output.load_balancer_arn == "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shared/1234567890abcdef" && output.load_balancer_arn_suffix == "app/shared/1234567890abcdef"
    error_message = "The load balancer should be known by its listener: ${output.load_balancer_arn}."
  }

  assert {
    condition     = output.request_count_labels.web.green == "app/shared/1234567890abcdef/targetgroup/shop-prod-web/73e2d6bc24d8a067"
    error_message = "The label should name the shared load balancer."
  }
}

run "preview_on_the_listener_of_users_is_for_named_networks" {
  command = plan

  variables {
    test_listener_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1234567890abcdef/abcdef1234567890"
    test_source_cidrs = ["203.0.113.7/32"]
  }

  assert {
    condition     = flatten([for condition in aws_lb_listener_rule.test["web-green"].condition : [for source in condition.source_ip : tolist(source.values)]]) == ["203.0.113.7/32"]
    error_message = "The test rule should answer the named network only."
  }
}

run "no_preview_without_a_test_listener" {
  command = plan

  variables {
    test_listener_arn = null
  }

  assert {
    condition     = length(aws_lb_listener_rule.test) == 0 && output.test_listener_arn == null
    error_message = "Without a test listener there should be no test rules."
  }
}
