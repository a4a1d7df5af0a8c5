import { describe, expect, it } from 'vitest'
import { blueprintOf, messagesOf } from '../blueprint.fixture.ts'

const START = `project: shop
services:
  web: { build: ./web }
`
const ENVIRONMENTS = `environments:
  dev: {}
  prod: {}
`

/** Names of the rule, a blueprint that breaks it, and all that is told. */
const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'a service has something to release',
    `project: shop\nservices:\n  web: { port: 80 }\n${ENVIRONMENTS}`,
    [
      '3:3 services.web: has neither build nor image; add `build: ./folder`, or `image: registry/name:tag` for an image that exists',
    ],
  ],
  [
    'a service has one artifact',
    `project: shop\nservices:\n  web: { build: ., image: web:1 }\n${ENVIRONMENTS}`,
    ['3:20 services.web.image: stands beside build; keep one of the two'],
  ],
  [
    'there are services and environments',
    'project: shop\nservices: {}\nenvironments: {}\n',
    ['2:1 services: is empty; add one, such as web', '3:1 environments: is empty; add one, such as dev'],
  ],
  [
    'what every object inherits is no name of a service',
    `project: shop\nservices:\n  web: { build: ./web, after: [constructor] }\n${ENVIRONMENTS}`,
    [
      '3:32 services.web.after[0]: "constructor" is not a name; write a name (lower-case letters, digits and -, at most 40, not digits alone, not constructor), such as web',
    ],
  ],
  [
    'a release is small enough to be followed',
    `project: shop\nservices:\n${Array.from({ length: 5001 }, (_, index) => `  s${index}: { build: . }\n`).join('')}${ENVIRONMENTS}`,
    [
      '2:1 services: names 5001; at most 5000 are released together; divide the project into several blueprints',
    ],
  ],
  [
    'an image is not named after an environment',
    `project: shop\nservices:\n  a: { image: web:prod }\n  b: { image: web:1.2-dev }\n  c: { image: "r:5000/web:staging" }\n${ENVIRONMENTS}`,
    [
      '3:8 services.a.image: the tag prod names an environment (prod); tag by version or commit: the same image goes through every environment',
      '4:8 services.b.image: the tag 1.2-dev names an environment (dev); tag by version or commit: the same image goes through every environment',
      '5:8 services.c.image: the tag staging names an environment (staging); tag by version or commit: the same image goes through every environment',
    ],
  ],
  [
    'a digest is whole',
    `project: shop\nservices:\n  web: { image: "web@sha256:12" }\n${ENVIRONMENTS}`,
    ['3:10 services.web.image: sha256:12 is no digest; write sha256: and 64 hexadecimal digits'],
  ],
  [
    'names that are used are written',
    `${START}environments:
  dev: { account: devel, services: { wbe: {} } }
  prod: { after: dve, mirrors: nowhere, gate: { approvals: { peer: { roles: [develper] } } } }
accounts: { dev: { id: 111122223333 } }
organization: { managementAccount: dev, units: { Prod: { parent: Root, accounts: [prod], guardrails: [no-public-db] } } }
roles: { own: { environments: [test], aws: { pord: read } } }
guardrails: { allowed-regions: { expect: [{ must: deny, role: hacker, action: s3:GetObject }] } }
delivery: { registry: shared, branches: { main: stage } }
`,
    [
      '5:10 environments.dev.account: there is no account devel; did you mean dev?',
      '5:38 environments.dev.services.wbe: there is no service wbe; did you mean web?',
      '6:11 environments.prod.after: there is no other environment dve; did you mean dev?',
      '6:23 environments.prod.mirrors: there is no other environment nowhere; known are dev',
      '6:78 environments.prod.gate.approvals.peer.roles[0]: there is no role develper; did you mean developer?',
      '8:58 organization.units.Prod.parent: there is no other unit Root; write it first: there is no other unit yet',
      '8:83 organization.units.Prod.accounts[0]: there is no account prod; known are dev',
      '8:103 organization.units.Prod.guardrails[0]: there is no guardrail no-public-db; known are no-public-database, audit-trail-locked, allowed-regions, protected-deletion',
      '9:32 roles.own.environments[0]: there is no environment test; known are dev, prod',
      '9:46 roles.own.aws.pord: there is no environment pord; did you mean prod?',
      '10:57 guardrails.allowed-regions.expect[0].role: there is no role hacker; known are viewer, ci, developer, qa, product, operator, admin, own',
      '11:13 delivery.registry: there is no account shared; known are dev',
      '11:43 delivery.branches.main: there is no environment stage; known are dev, prod',
    ],
  ],
  [
    'services do not wait for each other in a circle',
    `project: shop
services:
  a: { build: a, after: [b] }
  b: { build: b, after: [c] }
  c: { build: c }
environments: { dev: {}, prod: { services: { c: { after: [a] } } } }
`,
    [
      '3:18 services.a.after: a waits for b waits for c waits for a: a circle in which nothing can begin; remove one of these from its `after`',
      '4:18 services.b.after: b waits for c waits for a waits for b: a circle in which nothing can begin; remove one of these from its `after`',
      '6:51 environments.prod.services.c.after: c waits for a waits for b waits for c: a circle in which nothing can begin; remove one of these from its `after`',
    ],
  ],
  [
    'who waits for a circle, and whom it waits for, is in none',
    `project: shop
services:
  a: { build: a, after: [b] }
  b: { build: b, after: [c, d] }
  c: { build: c, after: [b] }
  d: { build: d, after: [e] }
  e: { build: e }
environments: { prod: {} }
`,
    [
      '4:18 services.b.after: b waits for c waits for b: a circle in which nothing can begin; remove one of these from its `after`',
      '5:18 services.c.after: c waits for b waits for c: a circle in which nothing can begin; remove one of these from its `after`',
    ],
  ],
  [
    'environments do not come after each other in a circle',
    `${START}environments:\n  dev: { after: prod }\n  prod: {}\n`,
    [
      '5:10 environments.dev.after: dev comes after prod comes after dev: a circle that no release can enter; remove `after` where the order of the file is meant',
      '6:3 environments.prod: prod comes after dev comes after prod: a circle that no release can enter; remove `after` where the order of the file is meant',
    ],
  ],
  [
    'units do not stand in each other',
    `${START}${ENVIRONMENTS}organization: { units: { A: { parent: B }, B: { parent: A } } }\n`,
    [
      '7:31 organization.units.A.parent: A stands in B stands in A: a circle; remove one `parent`',
      '7:49 organization.units.B.parent: B stands in A stands in B: a circle; remove one `parent`',
    ],
  ],
  [
    'a service is waited for once',
    `project: shop\nservices:\n  web: { build: web, after: [api, api] }\n  api: { build: api }\n${ENVIRONMENTS}`,
    ['3:22 services.web.after: lists api twice; keep one'],
  ],
  [
    'limits of scaling are in order, in every layer and schedule',
    `project: shop
services:
  web:
    build: web
    scaling: { max: 10, schedules: { rush: { cron: 0 9 * * *, min: 9, max: 8 } } }
environments:
  dev: { defaults: { scaling: { min: 11 } } }
  prod: { services: { web: { replicas: 12 } } }
`,
    [
      '5:63 services.web.scaling.schedules.rush.min: 9 is above max 8; raise max or lower min',
      '7:33 environments.dev.defaults.scaling.min: 11 is above max 10; raise max or lower min',
      '8:30 environments.prod.services.web.replicas: 12 is outside of scaling, 2 to 10; choose a number between them, or leave replicas out',
    ],
  ],
  [
    'limits are not below what is asked for',
    `project: shop\nservices:\n  web: { build: web, limits: { cpu: 300, memory: 1Gi } }\n${ENVIRONMENTS}`,
    [
      '3:32 services.web.limits.cpu: 300 is below cpu 1024; raise it, or lower cpu',
      '3:42 services.web.limits.memory: 1024 is below memory 2048; raise it, or lower memory',
    ],
  ],
  [
    'scaling scales by something',
    `project: shop\nservices:\n  web: { build: web, scaling: { cpu: false, memory: false, requestsPerTarget: false } }\n${ENVIRONMENTS}`,
    [
      '3:33 services.web.scaling.cpu: scales by nothing; set cpu, memory or requestsPerTarget, add a schedule, or write `scaling: false`',
    ],
  ],
  [
    'networks do not overlap and have a size that exists',
    `${START}environments:
  dev: { network: { cidr: 10.20.0.0/16 } }
  staging: {}
  prod: { network: { cidr: 10.20.128.0/20 } }
  big: { network: { cidr: 11.0.0.0/8 } }
`,
    [
      '5:21 environments.dev.network.cidr: 10.20.0.0/16 overlaps 10.20.0.0/16 of staging; give every environment a network of its own, so that they can be connected',
      '7:22 environments.prod.network.cidr: 10.20.128.0/20 overlaps 10.20.0.0/16 of dev; give every environment a network of its own, so that they can be connected',
      '7:22 environments.prod.network.cidr: 10.20.128.0/20 overlaps 10.20.0.0/16 of staging; give every environment a network of its own, so that they can be connected',
      '8:21 environments.big.network.cidr: 11.0.0.0/8 is no size of a VPC; write a network from /16 to /28',
    ],
  ],
  [
    'tasks on Fargate have a size that exists and stop in time',
    `project: shop
target: ecs
region: eu-central-1
services:
  a: { build: a, cpu: 512, memory: 512 }
  b: { build: b, cpu: 300 }
  c: { build: c, cpu: 8192, memory: 17Gi, grace: 3m }
  d: { build: d, cpu: 256, memory: 4Gi }
environments:
  dev: {}
  prod: { ecs: { capacity: ec2 } }
`,
    [
      '5:28 services.a.memory: Fargate has no 512 MiB with 512 CPU units; write memory as 1024 to 4096 in steps of 1024 MiB',
      '6:18 services.b.cpu: Fargate has no 300 CPU units; write cpu as one of 256, 512, 1024, 2048, 4096, 8192, 16384',
      '7:29 services.c.memory: Fargate has no 17408 MiB with 8192 CPU units; write memory as 16384 to 61440 in steps of 4096 MiB',
      '7:43 services.c.grace: 180s is longer than Fargate waits; write at most 2m',
      '8:28 services.d.memory: Fargate has no 4096 MiB with 256 CPU units; write memory as 512, 1024, 2048 MiB',
    ],
  ],
  [
    'schedules fire some day, in a time zone that exists',
    `${START}environments:
  dev:
    schedules: { nights: { stop: 0 20 * *, start: 61 8 * * *, timezone: Europe/Berln } }
    freezes: { never: { cron: 0 0 30 2 *, duration: 1h } }
    backup: { cron: 0 0 31 4 * }
`,
    [
      '6:28 environments.dev.schedules.nights.stop: has 4 fields instead of 5; write minute, hour, day of month, month and day of week, such as `0 19 * * FRI`',
      '6:44 environments.dev.schedules.nights.start: is no cron expression: invalid value for minute: 61; write minute, hour, day of month, month and day of week, such as `0 19 * * FRI`',
      '6:63 environments.dev.schedules.nights.timezone: "Europe/Berln" is no time zone; did you mean Europe/Berlin?',
      '7:25 environments.dev.freezes.never.cron: "0 0 30 2 *" never fires; choose a day that the month has',
      '8:15 environments.dev.backup.cron: "0 0 31 4 *" never fires; choose a day that the month has',
    ],
  ],
  [
    'steps grow to 100',
    `project: shop
services:
  a: { build: a, rollout: { steps: [50, 20, 100] } }
  b: { build: b, rollout: { steps: [20, 50] } }
  c: { build: c, rollout: { steps: [0, 120] } }
${ENVIRONMENTS}`,
    [
      '3:41 services.a.rollout.steps[1]: 20 comes after 50; let every step be greater than the one before',
      '4:29 services.b.rollout.steps: ends at 50; add 100 as the last step',
      '5:37 services.c.rollout.steps[0]: 0 is less than 1; write a percentage or a map, such as 20 or {percent: 20, bake: 5m}',
      '5:40 services.c.rollout.steps[1]: 120 is more than 100; write a percentage or a map, such as 20 or {percent: 20, bake: 5m}',
    ],
  ],
  [
    'rolling has neither steps nor standby',
    `project: shop\nservices:\n  a: { build: a, rollout: { strategy: rolling, steps: [100], standby: 1h } }\n${ENVIRONMENTS}`,
    [
      '3:48 services.a.rollout.steps: has no meaning with strategy rolling, which replaces in place; remove it, or choose blue-green or canary',
      '3:62 services.a.rollout.standby: has no meaning with strategy rolling, which replaces in place; remove it, or choose blue-green or canary',
    ],
  ],
  [
    'requests from outside belong to one service',
    `project: shop
services:
  a: { build: a, ingress: [/, shop.example.com/api] }
  b: { build: b, ingress: [{ host: shop.example.com, path: /api }, /b, /b] }
environments: { dev: {} }
`,
    [
      '4:18 services.b.ingress: shop.example.com/api belongs to a already; choose another host or path',
      '4:18 services.b.ingress: lists /b twice; choose another host or path',
    ],
  ],
  [
    'variables and mounted files have one owner',
    `project: shop
services:
  a:
    build: a
    config: { PORT: 80, TOKEN: x }
    secrets: { one: { variable: KEY }, two: { variable: KEY }, three: { variable: TOKEN }, four: { file: /etc/app/key } }
    files: { /etc/app: { content: x } }
environments: { dev: {} }
`,
    [
      '5:15 services.a.config.PORT: PORT is given by Sluice; remove it and write `port:`; every instance is told its own',
      '6:40 services.a.secrets.two: KEY holds the secret one already; name another variable',
      '6:64 services.a.secrets.three: TOKEN is set by config as well; remove it from config: a secret is no configuration',
      '6:92 services.a.secrets.four: /etc/app/key and /etc/app cannot both be files; mount one of them elsewhere',
    ],
  ],
  [
    'null removes in layers above, and is a slip in the service itself',
    `project: shop\nservices:\n  a:\n    build: a\n    config:\n      EMPTY:\nenvironments: { dev: {} }\n`,
    ['6:7 services.a.config.EMPTY: has no value; write one; "" for empty text'],
  ],
  [
    'a gate can be met',
    `${START}environments:
  dev: { gate: { soak: 1h }, promotion: automatic }
  prod:
    gate:
      checks: [tests, lint, tests]
      expressions: ['release.source.branch ==']
      approvals: { business: { roles: [ci, viewer] }, peer: { count: 0 } }
`,
    [
      '5:18 environments.dev.gate.soak: has nothing to soak in; remove it: no environment comes before this one',
      '5:30 environments.dev.promotion: has nothing to follow by itself; remove it: no environment comes before this one',
      '8:29 environments.prod.gate.checks[2]: tests is listed twice; keep one',
      '9:21 environments.prod.gate.expressions[0]: is no CEL expression: Unexpected token: EOF; such as release.source.branch == "main"',
      '10:20 environments.prod.gate.approvals.business: nobody can give it: ci and viewer may not approve in prod; give one of them the permission approve, or name another role',
      '10:63 environments.prod.gate.approvals.peer.count: 0 is less than 1; write a whole number, such as 2',
    ],
  ],
  [
    'an approval can be given by somebody',
    `${START}environments:\n  dev: {}\n  prod: { gate: { approvals: { business: { roles: [ci, viewer] } } } }\n`,
    [
      '6:32 environments.prod.gate.approvals.business: nobody can give it: ci and viewer may not approve in prod; give one of them the permission approve, or name another role',
    ],
  ],
  [
    'local ports differ',
    `${START}environments:\n  dev: { local: { port: 9000 } }\n  prod: { local: { port: 9000 } }\n`,
    ['6:20 environments.prod.local.port: 9000 is the local port of dev already; choose another port'],
  ],
  [
    'accounts and units are apart, guardrails complete',
    `${START}${ENVIRONMENTS}accounts: { a: { id: 111122223333 }, b: { id: 111122223333 } }
organization: { units: { X: { accounts: [a] }, Y: { accounts: [a] } } }
guardrails:
  mine: {}
  no-public-database: { regions: [eu-central-1], policy: ./p.json }
`,
    [
      '7:43 accounts.b.id: 111122223333 is the account a already; correct one of them',
      '8:64 organization.units.Y.accounts[0]: a stands in X already; keep it in one unit',
      '10:3 guardrails.mine: is no named guardrail and has no policy; add `policy: ./file.json`, or use no-public-database, audit-trail-locked, allowed-regions, protected-deletion',
      '11:25 guardrails.no-public-database.regions: belongs to allowed-regions; move it there, or write a policy',
      '11:50 guardrails.no-public-database.policy: no-public-database has a policy of its own; name a guardrail of yours differently',
      '11:50 guardrails.no-public-database.policy: ./p.json does not exist; create it',
    ],
  ],
  [
    'a target has what it needs',
    `${START}environments:\n  dev: { target: ecs }\n  prod: { target: kubernetes, kubernetes: { switch: gateway }, monitoring: { prometheus: 'http://p:9090' } }\n`,
    [
      '5:10 environments.dev.target: ecs needs to know the region of dev; add `region`, or `account` with one',
      '6:45 environments.prod.kubernetes.switch: needs a gateway to attach routes to; add `gateway: namespace/name`',
    ],
  ],
  [
    'files stay in the project',
    `project: shop
services:
  a: { build: ../a, files: { /etc/x: /etc/passwd, /etc/y: a/../../b, /etc/../z: ./z, /etc/w: ./w } }
environments: { dev: {} }
`,
    [
      '3:8 services.a.build: ../a leaves the project; name a path below the folder of the blueprint, such as ./config/settings.json',
      '3:30 services.a.files["/etc/x"]: /etc/passwd is not relative; name a path below the folder of the blueprint, such as ./config/settings.json',
      '3:51 services.a.files["/etc/y"]: a/../../b leaves the project; name a path below the folder of the blueprint, such as ./config/settings.json',
      '3:70 services.a.files["/etc/../z"]: "/etc/../z" is not an absolute path in the container; write an absolute path in the container',
      '3:86 services.a.files["/etc/w"]: ./w does not exist; create it',
    ],
  ],
  [
    'values are what they are meant to be',
    `project: shop
services:
  web:
    build: ./web
    port: "3000"
    replicas: 1.5
    grace: 10 minutes
    command: [1]
    health: ready
    migration: expnd
    rollout: { verify: { path: /, status: ok }, analysis: { maxErrorRate: 5 }, bake: 400d }
environments:
  dev: { defaults: { image: web:2 } }
  "2": {}
`,
    [
      '5:5 services.web.port: "3000" is not a port; write a port, such as 3000',
      '6:5 services.web.replicas: 1.5 is not a whole number; write a whole number, such as 3',
      '7:5 services.web.grace: "10 minutes" is not a duration longer than 0; write a duration longer than 0, such as 30s',
      '8:15 services.web.command[0]: 1 is not text; write text',
      '9:5 services.web.health: "ready" is not a path that begins with / or a map; write a path that begins with / or a map, such as /healthz or {liveness: /health, readiness: /ready}',
      '10:5 services.web.migration: "expnd" is not none, expand or contract; did you mean expand?',
      '11:35 services.web.rollout.verify.status: "ok" is not a status; write a status, such as 200',
      '11:61 services.web.rollout.analysis.maxErrorRate: 5 is more than 1; write a share from 0 to 1, such as 0.05',
      '11:80 services.web.rollout.bake: 400d is longer than a year; write at most 366d',
      '13:22 environments.dev.defaults.image: is unknown; remove it: one artifact, named by the service, runs in every environment',
      '14:3 environments["2"]: "2" is not a name; write a name (lower-case letters, digits and -, at most 40, not digits alone, not constructor)',
    ],
  ],
  [
    'services on Kubernetes have names and paths that its objects may have',
    `project: shop
target: kubernetes
monitoring: { prometheus: 'http://p:9090' }
services:
  web: { build: ./web }
  web-blue: { build: ./web }
  1st: { build: ./web, ingress: /a//b }
environments: { dev: {}, prod: { gate: { approvals: {} } } }
`,
    [
      '6:3 services.web-blue: is what web calls a part of its own; choose another name',
      '7:3 services["1st"]: begins with a digit, which a Service of Kubernetes may not; begin with a letter',
      '7:24 services["1st"].ingress: /a//b is no path that an Ingress takes; write it without //, /./, /../ and %2f',
    ],
  ],
  [
    'what AWS would refuse later is refused at once',
    `project: shop
target: ecs
region: ap-northeast-1
services:
  my--web: { build: ./web, ingress: true }
environments:
  dev: { loadBalancer: { testPort: 443 } }
  prod:
    database: { replicaRegion: ap-northeast-1 }
    backup: { copyTo: ap-northeast-1 }
`,
    [
      '5:3 services.my--web: has two dashes in a row, which no image registry of AWS takes; write one',
      '7:26 environments.dev.loadBalancer.testPort: 443 is where users are; choose another port, such as 8443',
      '8:3 warning environments.prod: has users and no name, so there is no certificate for HTTPS: its Terraform refuses to be planned; add `dns: { host, zone }`',
      '9:17 environments.prod.database.replicaRegion: ap-northeast-1 is the region of prod itself; name another, which is there when this one is not',
      '10:15 environments.prod.backup.copyTo: ap-northeast-1 is the region of prod itself; name another, which is there when this one is not',
    ],
  ],
  [
    'names in AWS belong to one thing each',
    `project: my--shop
target: ecs
services:
  web: { build: ./web, labels: { Project: x } }
roles: { deploy: { permissions: [read] } }
accounts: { main: { id: '111122223333', region: ap-northeast-1 } }
environments:
  dev: { account: main }
  dev-2: { account: main }
  shared: { account: main }
`,
    [
      '1:1 project: has two dashes in a row, which no image registry of AWS takes; write one',
      '4:34 services.web.labels.Project: is a tag that Sluice or AWS itself gives; choose another name',
      '5:10 roles.deploy: is what a role of a machine is called in AWS; choose another name',
      '9:3 warning environments.dev-2: begins with the name of dev in the same account, whose permissions reach it; give it another name or an account of its own',
      '10:3 environments.shared: is the name of what all environments share; choose another name',
    ],
  ],
  [
    'services on Amazon ECS ask for nothing that it does not have',
    `project: shop
target: ecs
region: ap-northeast-1
guardrails: { allowed-regions: { regions: [eu-central-1] } }
services:
  api: { build: ./api }
  web:
    build: ./web
    ingress: '/a{b}'
    calls: [api]
    files: { /etc/app.json: { content: '{}' } }
environments: { dev: { tier: development } }
`,
    [
      '3:1 region: ap-northeast-1 is not among the regions of the guardrail allowed-regions; add it there, or choose one of them',
      `9:5 services.web.ingress: /a{b} is no path that a load balancer of AWS takes; write at most 126 letters, digits and _ - . $ / ~ " ' @ : + & ( ) ! , ; =`,
      '10:5 warning services.web.calls: api has no ingress, and on ecs nothing else leads from web to it; give api an ingress, or its address in the configuration',
      '11:5 services.web.files: /etc/app.json would hide /etc of the image on ecs; mount it in a folder of its own, two levels deep, such as /etc/config/settings.json',
    ],
  ],
  [
    'what a rollout on Kubernetes waits for is measured',
    `${START}  api: { build: ./api, rollout: { strategy: rolling } }
  quiet: { build: ./quiet, rollout: { analysis: { minimumRequests: 0 } } }
environments:
  dev: { target: kubernetes }
  prod: { tier: production, target: kubernetes }
  other: { tier: production, target: kubernetes, monitoring: { prometheus: 'http://p:9090' } }
  silent: { tier: production, target: kubernetes, defaults: { rollout: { analysis: { minimumRequests: 0 } } } }
  laptop: {}
`,
    [
      '8:29 environments.prod.target: nothing measures web, api in prod, whose rollouts wait for requests (rollout.analysis.minimumRequests); add `monitoring.prometheus`, or let silence pass with `minimumRequests: 0`',
    ],
  ],
  [
    'queries tell of one color and of its step, and of all that the analysis rests on',
    `project: shop
services:
  web:
    build: ./web
    rollout:
      analysis:
        maxP95Milliseconds: 500
        queries:
          requests: 'sum(increase(x{color="$color"}[5m]))'
          p99: 'max(x{colour="$colour"}[$window])'
${ENVIRONMENTS}`,
    [
      '8:9 services.web.rollout.analysis.queries: has no query for errors, which the analysis rests on; add `errors`',
      '8:9 services.web.rollout.analysis.queries: has no query for p95, which the analysis rests on; add `p95`, or remove maxP95Milliseconds',
      '9:11 services.web.rollout.analysis.queries.requests: looks back [5m], whenever the step began; write the range [$window]: the time since the step began, at most `window`',
      '10:11 services.web.rollout.analysis.queries.p99: names $colour, which nothing is filled in for; write one of $environment, $service, $color, $window',
    ],
  ],
  [
    'the address of Prometheus has no password in it, and none is shown',
    `${START}${ENVIRONMENTS}monitoring: { prometheus: 'https://me:pass@p.example.com' }\n`,
    [
      '7:15 monitoring.prometheus: has a user or a password in it; remove it, and give a token to the server in SLUICE_PROMETHEUS_TOKEN',
    ],
  ],
  [
    'the address of Prometheus ends with its path',
    `${START}${ENVIRONMENTS}monitoring: { prometheus: 'https://p.example.com/a?b=c' }\n`,
    ['7:15 monitoring.prometheus: goes on after its path; write it without ? and #'],
  ],
]

describe('rules over several fields', () => {
  it.each(CASES)('%s', (_rule, text, messages) => {
    expect(messagesOf(text)).toEqual(messages.map(message => `sluice.yaml:${message}`))
  })

  it('warn of an image that may be anything, and let it through', () => {
    const text = `project: shop\nservices:\n  a: { image: web }\n  b: { image: web:latest }\nenvironments: { dev: {} }\n`
    expect(blueprintOf(text).project).toBe('shop')
    expect(messagesOf(text)).toEqual([
      'sluice.yaml:3:8 warning services.a.image: has no tag; name a version or a digest, so that people can see what a release will hold',
      'sluice.yaml:4:8 warning services.b.image: latest may be anything; name a version or a digest, so that people can see what a release will hold',
    ])
  })
})
