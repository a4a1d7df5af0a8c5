import { canonicalJson } from '../../model/digest.ts'
import type { Missing, Part } from './not-expressed.ts'
import type { Autoscaler } from './shapes.ts'

/** In the words of the blueprint, every field written out. */
export interface Scaling {
  readonly min: number
  readonly max: number
  readonly cpu: number | false
  readonly memory: number | false
  readonly scaleInCooldown: number
}

/** Kubernetes waits five minutes before it takes instances away, unless told otherwise. */
const COOLDOWN_SECONDS = 300

/** `false` where nothing scales, or by nothing that the blueprint knows. */
export function scalingOf(autoscaler: Autoscaler | undefined): Part<Scaling | false> {
  if (autoscaler === undefined) return { value: false, remarks: [], missing: [] }
  const { minReplicas: min, maxReplicas: max, metrics, behavior } = autoscaler.spec
  const missing: Missing[] = []
  const target = (name: string): number | false => {
    const found = metrics.find(({ resource }) => resource?.name === name)?.resource?.target
    return found?.type === 'Utilization' ? (found.averageUtilization ?? false) : false
  }
  const [cpu, memory] = [within(target('cpu')), within(target('memory'))]
  for (const metric of metrics.filter(each => !isKnown(each))) {
    missing.push({
      field: `metrics ${metric.resource?.name ?? metric.type}`,
      why: 'Sluice scales by the share of cpu and memory that is used',
      advice: 'choose such a target, or size the service by `replicas`',
    })
  }
  const others = Object.entries(behavior ?? {}).filter(([key, value]) => !isUsual(key, value))
  if (others.length > 0) {
    missing.push({
      field: `behavior ${others.map(([key]) => key).join(', ')}`,
      why: 'the blueprint has `scaleInCooldown` only',
      advice: 'see whether the cluster’s own pace is good enough',
    })
  }
  if (cpu === false && memory === false) return { value: false, remarks: [], missing }
  const scaleInCooldown = behavior?.scaleDown?.stabilizationWindowSeconds ?? COOLDOWN_SECONDS
  return { value: { min, max, cpu, memory, scaleInCooldown }, remarks: [], missing }
}

type Metric = Autoscaler['spec']['metrics'][number]

const isKnown = ({ resource }: Metric): boolean =>
  resource !== undefined &&
  ['cpu', 'memory'].includes(resource.name) &&
  resource.target.type === 'Utilization'

/** More than all of what was asked for is nothing that the blueprint takes. */
const within = (percent: number | false): number | false =>
  percent === false ? false : Math.min(percent, 100)

/** As the API server fills it in beside what somebody wrote, or read above. */
function isUsual(key: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(
    ([field, given]) =>
      (key === 'scaleDown' && field === 'stabilizationWindowSeconds') ||
      canonicalJson(given) === canonicalJson(USUAL[key]?.[field] ?? null),
  )
}

/** Kubernetes, "Horizontal Pod Autoscaling", default behavior. */
const USUAL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
}
