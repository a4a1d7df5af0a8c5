import { LEAVING_SECONDS } from '../../blueprint/kubernetes-switch.ts'
import type { Color } from '../../model/color.ts'
import type { ServiceConfig } from './config-maps.ts'
import { placement } from './placement.ts'
import { probesOf } from './probes.ts'
import type { ServicePlan } from './service-plan.ts'
import { PORT_NAME } from './services.ts'
import { variablesOf } from './variables.ts'
import { volumesOf } from './volumes.ts'

/** `node` of the official images, and the user of rendered Dockerfiles. By number: Kubernetes sees that it is not root. */
const USER_ID = 1000

/** CPU units a core, as ECS counts them. */
const UNITS_PER_CORE = 1024

export function podSpec(plan: ServicePlan, color: Color, config: ServiceConfig): object {
  const { volumes, volumeMounts } = volumesOf(plan, config)
  return {
    serviceAccountName: plan.service,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: LEAVING_SECONDS + plan.spec.graceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER_ID,
      runAsGroup: USER_ID,
      fsGroup: USER_ID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...placement(plan, color),
    containers: [
      {
        name: plan.service,
        image: plan.image.image,
        imagePullPolicy: 'IfNotPresent',
        command: plan.spec.command?.map(literally),
        ports: [{ name: PORT_NAME, containerPort: plan.spec.port, protocol: 'TCP' }],
        envFrom:
          config.variables === undefined ? undefined : [{ configMapRef: { name: config.variables.name } }],
        env: variablesOf(plan, color),
        resources: resourcesOf(plan),
        ...probesOf(plan.spec.health),
        lifecycle: { preStop: { sleep: { seconds: LEAVING_SECONDS } } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts,
      },
    ],
    volumes,
  }
}

/** Kubernetes puts variables in place of `$(NAME)`, and one dollar in place of two. */
function literally(word: string): string {
  return word.replaceAll('$', () => '$$')
}

function resourcesOf({ spec, limits }: ServicePlan): object {
  return { requests: amounts(spec), limits: amounts(limits) }
}

function amounts({ cpu, memory }: { readonly cpu: number; readonly memory: number }): object {
  return { cpu: `${Math.ceil((cpu * 1000) / UNITS_PER_CORE)}m`, memory: `${memory}Mi` }
}
