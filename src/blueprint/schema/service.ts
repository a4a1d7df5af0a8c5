import { z } from 'zod'
import { build } from './build.ts'
import { configValue, file, secrets } from './configuration.ts'
import { health } from './health.ts'
import { egress, ingress } from './ingress.ts'
import { rollout } from './rollout.ts'
import { scaling } from './scaling.ts'
import * as value from './values.ts'

/** What may be said of a service, of all services of an environment, and of one service in one environment. */
export const serviceShape = {
  command: value.commandLine
    .meta({
      description: 'Program and arguments; without it the image runs what it starts by itself.',
      examples: ['node server.js'],
    })
    .optional(),
  port: value.port
    .meta({
      description: 'The port the process listens on; it also finds it in the variable PORT.',
      examples: [3000],
    })
    .optional(),
  health: health
    .meta({
      description: 'How to see that an instance works. One path stands for both probes.',
      examples: ['/healthz', { liveness: '/health', readiness: '/ready' }],
    })
    .optional(),
  cpu: z
    .int()
    .min(1)
    .max(262_144)
    .meta({
      title: 'a number of CPU units',
      description: 'CPU units of one instance, 1024 a core.',
      examples: [256],
    })
    .optional(),
  memory: value.memory
    .meta({
      description: 'Memory of one instance. Default: two MiB for each CPU unit, a pair that Fargate has.',
      examples: ['512Mi', 1024],
    })
    .optional(),
  limits: z
    .strictObject({
      cpu: z
        .int()
        .min(1)
        .max(262_144)
        .meta({ title: 'a number of CPU units', description: 'Default: twice `cpu`.', examples: [512] })
        .optional(),
      memory: value.memory.meta({ description: 'Default: twice `memory`.', examples: ['1Gi'] }).optional(),
    })
    .meta({
      description:
        'The most that an instance may take where it is not alone (Kubernetes limits; `cpu` and `memory` are the requests).',
      examples: [{ cpu: 512, memory: '1Gi' }],
    })
    .optional(),
  replicas: value.count
    .meta({
      description:
        'Instances. With scaling this is the number to begin with, and the default is kept between min and max.',
      examples: [3],
    })
    .optional(),
  scaling: scaling
    .meta({
      description:
        'Automatic scaling by target tracking. `true` takes every default; `false` switches it off where another layer asked for it.',
      examples: [{ min: 2, max: 20 }, false],
    })
    .optional(),
  config: z
    .record(value.variable, value.removable(configValue))
    .meta({
      title: 'a map of variables',
      description:
        'Environment variables that everybody may read. Merged by key over the layers; null removes a key.',
      examples: [{ LOG_LEVEL: 'info' }],
    })
    .optional(),
  files: z
    .record(value.mountPath, value.removable(file))
    .meta({
      title: 'a map of files',
      description:
        'Files mounted read-only, by their path in the container: a file of the project, or the content itself. Merged by key; null removes one.',
      examples: [{ '/etc/config/settings.json': './config/settings.json' }],
    })
    .optional(),
  secrets: secrets
    .meta({
      title: 'a list of names or a map',
      description:
        'Secrets by name, never values. A name in a list becomes the variable of that name; a map says the variable or the file. Merged by name; null removes one.',
      examples: [['DATABASE_URL'], { 'db-password': { file: '/etc/secrets/db-password' } }],
    })
    .optional(),
  ingress: ingress
    .meta({
      description:
        'Which requests from outside reach the service: `true` for all, a path, `host/path`, or a list. Without it the service is reached by other services only.',
      examples: [true, '/api', ['shop.example.com', 'shop.example.com/api']],
    })
    .optional(),
  calls: z
    .array(value.name)
    .max(100)
    .meta({
      title: 'a list of services',
      description:
        'Services that this one calls: the network lets it. It finds them in variables such as API_SERVICE_HOST and API_SERVICE_PORT. Default: those in `after`.',
      examples: [['api']],
    })
    .optional(),
  egress: z
    .array(egress)
    .max(100)
    .meta({
      title: 'a list',
      description: 'Addresses outside of the project that the service may connect to.',
      examples: [[{ to: '10.20.64.0/18', ports: [5432] }]],
    })
    .optional(),
  after: z
    .array(value.name)
    .max(100)
    .meta({
      title: 'a list of services',
      description: 'Services of the same release that must have switched before this one starts.',
      examples: [['api']],
    })
    .optional(),
  grace: value.positiveDuration
    .meta({ description: 'Time to finish requests between SIGTERM and SIGKILL.', examples: ['30s'] })
    .optional(),
  rollout: rollout
    .meta({ description: 'How a new release takes over.', examples: [{ steps: [5, 20, 100], bake: '5m' }] })
    .optional(),
  migration: z
    .enum(['none', 'expand', 'contract'])
    .meta({
      title: 'none, expand or contract',
      description:
        'What the release does to the database. After `contract` the former release no longer works, so a rollback is warned of.',
      examples: ['expand'],
    })
    .optional(),
  spot: value.flag
    .meta({ description: 'May run on Spot capacity, which can be taken away within two minutes.' })
    .optional(),
  labels: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/)
        .meta({ title: 'a label', examples: ['team'] }),
      value.removable(
        z
          .string()
          .regex(/^[\p{L}\p{N} _.:/=+@-]*$/u)
          .max(63)
          .meta({ title: 'text of letters, digits, spaces and _ . : / = + @ -', examples: ['shop'] }),
      ),
    )
    .meta({
      title: 'a map of text',
      description: 'Labels and tags of everything that belongs to the service.',
      examples: [{ team: 'checkout' }],
    })
    .optional(),
} as const

export const serviceFields = z.strictObject(serviceShape).meta({
  id: 'ServiceFields',
  title: 'fields of a service',
  description: 'Fields of a service that an environment may set for all or for one of its services.',
  examples: [{ replicas: 3 }],
})

export const service = z
  .strictObject({
    image: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._/:@-]*$/i)
      .max(400)
      .meta({
        title: 'an image reference',
        description: 'An image that exists already, by tag or digest; a release names it by digest.',
        examples: ['registry.example.com/shop/web:1.4.2'],
      })
      .optional(),
    build: build
      .meta({
        description:
          'What the artifact is built from, once for every environment: a folder, or more about it.',
        examples: ['./web', { context: './web', target: 'production' }],
      })
      .optional(),
    ...serviceShape,
  })
  .meta({
    id: 'Service',
    title: 'a service',
    description: 'One deployable container.',
    examples: [{ build: './web', ingress: true }],
  })
