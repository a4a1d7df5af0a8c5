import { formatDuration } from '../../blueprint/units.ts'
import type { ImportedService } from './imported-service.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What every environment has of a service, every field written out. */
export function wholeService(service: ImportedService): Fields {
  const { liveness, readiness } = service.health
  return {
    image: service.image,
    ...(service.command.length === 0 ? {} : { command: service.command }),
    port: service.port,
    health: { liveness: probeFields(liveness), readiness: probeFields(readiness) },
    config: service.config,
    files: Object.fromEntries(Object.entries(service.files).map(([path, content]) => [path, { content }])),
    secrets: service.secrets,
    ingress: service.ingress.map(({ host, path }) =>
      host === undefined ? path : `${host}${path === '/' ? '' : path}`,
    ),
    calls: service.calls,
    grace: formatDuration(service.graceSeconds),
    labels: service.labels,
  }
}

const probeFields = ({
  period,
  timeout,
  initialDelay,
  ...rest
}: ImportedService['health']['liveness']): Fields => ({
  ...rest,
  period: formatDuration(period),
  timeout: formatDuration(timeout),
  initialDelay: formatDuration(initialDelay),
})

/** What one environment has more of than another. */
export function wholeSize({ resources, replicas, scaling }: ImportedService): Fields {
  return {
    cpu: resources.cpu,
    memory: memoryText(resources.memory),
    limits: { cpu: resources.limits.cpu, memory: memoryText(resources.limits.memory) },
    replicas,
    scaling:
      scaling === false ? false : { ...scaling, scaleInCooldown: formatDuration(scaling.scaleInCooldown) },
  }
}

const memoryText = (mebibytes: number): string =>
  mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`
