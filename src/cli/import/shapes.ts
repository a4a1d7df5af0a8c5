import { z } from 'zod'

/**
 * Objects as the API server gives them back, as far as the import reads them. Whatever else a pod has is kept, so that
 * nothing is left out without a word.
 */

const texts = z.record(z.string(), z.string())
const portReference = z.union([z.number(), z.string()])

const metadata = z.object({
  name: z.string(),
  labels: texts.default({}),
  annotations: texts.default({}),
})

const probe = z.looseObject({
  httpGet: z
    .looseObject({ path: z.string().default('/'), port: portReference, scheme: z.string().default('HTTP') })
    .optional(),
  periodSeconds: z.number().default(10),
  timeoutSeconds: z.number().default(1),
  failureThreshold: z.number().default(3),
  successThreshold: z.number().default(1),
  initialDelaySeconds: z.number().default(0),
})

const keyOf = z.object({ name: z.string(), key: z.string(), optional: z.boolean().default(false) })

const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.looseObject({ configMapKeyRef: keyOf.optional(), secretKeyRef: keyOf.optional() }).optional(),
})

const named = z.object({ name: z.string() })

const item = z.object({ key: z.string(), path: z.string(), mode: z.number().optional() })

const volume = z.looseObject({
  name: z.string(),
  configMap: z
    .object({ name: z.string(), items: z.array(item).optional(), defaultMode: z.number().optional() })
    .optional(),
  secret: z
    .object({ secretName: z.string(), items: z.array(item).optional(), defaultMode: z.number().optional() })
    .optional(),
  emptyDir: z.unknown().optional(),
})

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  ports: z
    .array(
      z.object({
        name: z.string().optional(),
        containerPort: z.number(),
        protocol: z.string().default('TCP'),
      }),
    )
    .default([]),
  env: z.array(variable).default([]),
  envFrom: z
    .array(
      z.object({
        prefix: z.string().default(''),
        configMapRef: named.optional(),
        secretRef: named.optional(),
      }),
    )
    .default([]),
  resources: z
    .object({
      requests: z.record(z.string(), portReference).default({}),
      limits: z.record(z.string(), portReference).default({}),
    })
    .default({ requests: {}, limits: {} }),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  startupProbe: probe.optional(),
  lifecycle: z.looseObject({ preStop: z.record(z.string(), z.unknown()).optional() }).optional(),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() }))
    .default([]),
})

export const deploymentShape = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().default(1),
    strategy: z.object({ type: z.string().default('RollingUpdate') }).default({ type: 'RollingUpdate' }),
    selector: z.looseObject({ matchLabels: texts.default({}) }),
    template: z.object({
      metadata: z.object({ labels: texts.default({}) }).default({ labels: {} }),
      spec: z.looseObject({
        containers: z.array(container).min(1),
        volumes: z.array(volume).default([]),
        terminationGracePeriodSeconds: z.number().default(30),
      }),
    }),
  }),
})

export const serviceShape = z.object({
  metadata,
  spec: z.object({
    type: z.string().default('ClusterIP'),
    clusterIP: z.string().optional(),
    selector: texts.default({}),
    sessionAffinity: z.string().default('None'),
    ports: z
      .array(
        z.looseObject({
          name: z.string().optional(),
          port: z.number(),
          protocol: z.string().default('TCP'),
          targetPort: portReference.optional(),
        }),
      )
      .default([]),
  }),
})

const ingressBackend = z.looseObject({
  service: z
    .object({
      name: z.string(),
      port: z.object({ name: z.string().optional(), number: z.number().optional() }).default({}),
    })
    .optional(),
})

export const ingressShape = z.object({
  metadata,
  spec: z.object({
    ingressClassName: z.string().optional(),
    defaultBackend: ingressBackend.optional(),
    tls: z.array(z.looseObject({ secretName: z.string().optional() })).default([]),
    rules: z
      .array(
        z.object({
          host: z.string().optional(),
          http: z
            .object({
              paths: z.array(
                z.object({
                  path: z.string().default('/'),
                  pathType: z.string().default('ImplementationSpecific'),
                  backend: ingressBackend,
                }),
              ),
            })
            .default({ paths: [] }),
        }),
      )
      .default([]),
  }),
})

export const httpRouteShape = z.object({
  metadata,
  spec: z.object({
    parentRefs: z
      .array(
        z.object({
          name: z.string(),
          namespace: z.string().optional(),
          kind: z.string().default('Gateway'),
          sectionName: z.string().optional(),
        }),
      )
      .default([]),
    hostnames: z.array(z.string()).default([]),
    rules: z
      .array(
        z.looseObject({
          matches: z
            .array(
              z.looseObject({
                path: z
                  .object({ type: z.string().default('PathPrefix'), value: z.string().default('/') })
                  .default({ type: 'PathPrefix', value: '/' }),
              }),
            )
            .default([{ path: { type: 'PathPrefix', value: '/' } }]),
          backendRefs: z
            .array(
              z.looseObject({
                name: z.string(),
                kind: z.string().default('Service'),
                port: z.number().optional(),
              }),
            )
            .default([]),
        }),
      )
      .default([]),
  }),
})

export const configMapShape = z.object({
  metadata,
  data: texts.default({}),
  binaryData: texts.default({}),
})

export const autoscalerShape = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }),
    minReplicas: z.number().default(1),
    maxReplicas: z.number(),
    metrics: z
      .array(
        z.looseObject({
          type: z.string(),
          resource: z
            .object({
              name: z.string(),
              target: z.object({ type: z.string(), averageUtilization: z.number().optional() }),
            })
            .optional(),
        }),
      )
      .default([]),
    behavior: z
      .looseObject({
        scaleDown: z.looseObject({ stabilizationWindowSeconds: z.number().optional() }).optional(),
      })
      .optional(),
  }),
})

export const disruptionBudgetShape = z.object({
  metadata,
  spec: z.object({
    minAvailable: portReference.optional(),
    maxUnavailable: portReference.optional(),
    selector: z.looseObject({ matchLabels: texts.default({}) }).default({ matchLabels: {} }),
  }),
})

export const podShape = z.object({
  metadata,
  status: z
    .object({
      containerStatuses: z
        .array(
          z.object({ name: z.string(), imageID: z.string().default(''), ready: z.boolean().default(false) }),
        )
        .default([]),
    })
    .default({ containerStatuses: [] }),
})

export type Deployment = z.output<typeof deploymentShape>
export type Container = Deployment['spec']['template']['spec']['containers'][number]
export type ProbeObject = z.output<typeof probe>
export type Volume = z.output<typeof volume>
export type ServiceObject = z.output<typeof serviceShape>
export type Ingress = z.output<typeof ingressShape>
export type HttpRoute = z.output<typeof httpRouteShape>
export type ConfigMap = z.output<typeof configMapShape>
export type Autoscaler = z.output<typeof autoscalerShape>
export type DisruptionBudget = z.output<typeof disruptionBudgetShape>
export type Pod = z.output<typeof podShape>
