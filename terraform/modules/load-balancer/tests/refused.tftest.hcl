# What the load balancer refuses before AWS is asked.

mock_provider "aws" {}

variables {
  name               = "shop-prod"
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids = ["sg-0123456789abcdef0"]
  certificate_arn    = "arn:aws:acm:ap-northeast-1:111122223333:certificate/abc"
}

run "name_too_long" {
  command = plan

  variables {
    name = "a-name-that-is-longer-than-32-signs"
  }

  expect_failures = [var.name]
}

run "one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-0123456789abcdef0"]
  }

  expect_failures = [var.subnet_ids]
}

run "no_security_group" {
  command = plan

  variables {
    security_group_ids = []
  }

  expect_failures = [var.security_group_ids]
}

run "no_certificate" {
  command = plan

  variables {
    certificate_arn = null
  }

  expect_failures = [var.certificate_arn]
}

run "certificate_in_a_private_zone" {
  command = plan

  variables {
    certificate_arn = null
    dns             = { host = "shop.internal", zone_id = "Z1", private_zone = true }
  }

  expect_failures = [var.certificate_arn]
}

run "old_tls" {
  command = plan

  variables {
    ssl_policy = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [var.ssl_policy]
}

run "test_port_of_users" {
  command = plan

  variables {
    test_port = 443
  }

  expect_failures = [var.test_port]
}

run "host_that_is_a_wildcard" {
  command = plan

  variables {
    dns = { host = "*.example.com", zone_id = "Z1" }
  }

  expect_failures = [var.dns]
}

run "listener_that_is_none" {
  command = plan

  variables {
    listener_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shared/1"
  }

  expect_failures = [var.listener_arn]
}

run "preview_for_everybody" {
  command = plan

  variables {
    listener_arn      = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1234567890abcdef/abcdef1234567890"
    test_listener_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1234567890abcdef/abcdef1234567890"
  }

  expect_failures = [var.test_listener_arn]
}

run "preview_for_the_world" {
  command = plan

  variables {
    test_source_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.test_source_cidrs]
}

run "target_group_name_too_long" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "a-project-with-a-long-name-web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "one_group_for_both_colors" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web", green = "web" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "port_that_is_none" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 70000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "target_type_that_is_none" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
        target_type        = "lambda"
      }
    }
  }

  expect_failures = [var.services]
}

run "grace_longer_than_an_hour" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
        grace_seconds      = 7200
      }
    }
  }

  expect_failures = [var.services]
}

run "slow_start_too_short" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
        slow_start_seconds = 10
      }
    }
  }

  expect_failures = [var.services]
}

run "sticky_target_without_sticky_color" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names    = { blue = "web-blue", green = "web-green" }
        port                  = 3000
        rules                 = { all = { priority = 1, paths = ["/*"] } }
        test_priorities       = { blue = 1, green = 2 }
        sticky_target_seconds = 60
      }
    }
  }

  expect_failures = [var.services]
}

run "health_check_slower_than_its_interval" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
        health_check       = { interval_seconds = 5, timeout_seconds = 5 }
      }
    }
  }

  expect_failures = [var.services]
}

run "one_check_is_not_enough" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
        health_check       = { healthy_threshold = 1 }
      }
    }
  }

  expect_failures = [var.services]
}

run "matcher_that_takes_errors" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
        health_check       = { matcher = "200-599" }
      }
    }
  }

  expect_failures = [var.services]
}

run "priority_above_50000" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 50001, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "priority_used_twice" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { a = { priority = 1, paths = ["/a"] }, b = { priority = 1, paths = ["/b"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "rule_for_everything_by_mistake" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1 } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "rule_with_too_many_values" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/a", "/b", "/c", "/d", "/e", "/f"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "rule_with_too_many_wildcards" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*/*/*/*/*/*/*"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "path_without_slash" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["api"] } }
        test_priorities    = { blue = 1, green = 2 }
      }
    }
  }

  expect_failures = [var.services]
}

run "test_priority_used_twice" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
        test_priorities    = { blue = 1, green = 1 }
      }
    }
  }

  expect_failures = [var.services]
}

run "test_priority_missing" {
  command = plan

  variables {
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = { all = { priority = 1, paths = ["/*"] } }
      }
    }
  }

  expect_failures = [var.services]
}

run "service_that_no_rule_refers_to" {
  command = plan

  variables {
    test_port = null
    services = {
      web = {
        target_group_names = { blue = "web-blue", green = "web-green" }
        port               = 3000
        rules              = {}
      }
    }
  }

  expect_failures = [var.services]
}
