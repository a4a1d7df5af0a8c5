/** What every tool is told about, in its own words: services that differ by name, image and path, three environments. */
export interface Fleet {
  readonly services: readonly FleetService[]
  readonly environments: readonly FleetEnvironment[]
}

export interface FleetService {
  readonly name: string
  readonly repository: string
  /** `sha256:…` */
  readonly digest: string
  /** At which users reach it. */
  readonly path: string
}

export interface FleetEnvironment {
  readonly name: string
  /** CPU units, 1024 a core. */
  readonly cpu: number
  /** MiB. */
  readonly memory: number
  readonly min: number
  readonly max: number
  readonly config: Readonly<Record<string, string>>
}

export const PROJECT = 'fleet'
export const PORT = 8080
export const CPU_TARGET = 70
export const INGRESS_CLASS = 'nginx'

const ENVIRONMENTS: readonly FleetEnvironment[] = [
  { name: 'dev', cpu: 256, memory: 512, min: 2, max: 4, config: variables('debug') },
  { name: 'staging', cpu: 512, memory: 1024, min: 2, max: 6, config: variables('info') },
  { name: 'prod', cpu: 1024, memory: 2048, min: 3, max: 20, config: variables('warn') },
]

function variables(level: string): FleetEnvironment['config'] {
  return { LOG_LEVEL: level, REGION: 'eu-central-1' }
}

export function fleetOf(count: number): Fleet {
  const services = Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, '0')
    const name = `service-${number}`
    return {
      name,
      repository: `registry.example.com/${PROJECT}/${name}`,
      digest: `sha256:${number.repeat(16)}`,
      path: `/${name}`,
    }
  })
  return { services, environments: ENVIRONMENTS }
}

export const imageOf = ({ repository, digest }: FleetService): string => `${repository}@${digest}`

export const namespaceOf = ({ name }: Pick<FleetEnvironment, 'name'>): string => `${PROJECT}-${name}`

/** Requests, and limits of twice as much. */
export function resourcesOf({ cpu, memory }: FleetEnvironment): object {
  const amounts = (times: number) => ({
    cpu: `${Math.ceil((cpu * times * 1000) / 1024)}m`,
    memory: `${memory * times}Mi`,
  })
  return { requests: amounts(1), limits: amounts(2) }
}

export function labelsOf(
  { name }: FleetService,
  environment: FleetEnvironment,
): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': namespaceOf(environment),
    'app.kubernetes.io/part-of': PROJECT,
    'app.kubernetes.io/managed-by': 'sluice',
    'sluice.dev/environment': environment.name,
  }
}

/** What finds the pods of a service. */
export function selectorOf(service: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': service, 'sluice.dev/color': 'blue' }
}
