import { delimiter, dirname, join } from 'node:path'
import type { Color } from '../../../model/color.ts'
import { shortRelease, type Workload } from '../../../model/release.ts'
import type { InstanceFolder } from './instance-folder.ts'

export interface EnvironmentInputs {
  readonly workload: Workload
  readonly color: Color
  readonly port: number
  /** Where the bundle is unpacked. */
  readonly bundle: string
  readonly folder: InstanceFolder
  /** Secret name to value. */
  readonly secrets: Readonly<Record<string, string>>
  /** Service to the port at which the balancer takes requests of other services. */
  readonly servicePorts: Readonly<Record<string, number>>
  /** The agent's own variables, of which few are passed on. */
  readonly inherited: Readonly<Record<string, string | undefined>>
}

/**
 * Every variable of an instance. The team's configuration may replace what the laptop gives it, but never where the
 * instance listens nor what it is told about itself.
 */
export function instanceEnvironment(o: EnvironmentInputs): Record<string, string> {
  const { workload, folder } = o
  return {
    ...laptopVariables(o),
    ...serviceVariables(o.servicePorts),
    ...workload.spec.config,
    ...secretVariables(o),
    HOST: '127.0.0.1',
    PORT: String(o.port),
    SLUICE_COLOR: o.color,
    SLUICE_ENVIRONMENT: workload.environment,
    SLUICE_RELEASE: shortRelease(workload.release),
    /** Mounted files stand below it: /etc/config/a.json is $SLUICE_ROOT/etc/config/a.json; empty in a container. */
    SLUICE_ROOT: folder.root,
    SLUICE_SERVICE: workload.service,
  }
}

function laptopVariables({ bundle, folder, inherited }: EnvironmentInputs): Record<string, string> {
  const path = [
    dirname(process.execPath),
    join(bundle, 'node_modules', '.bin'),
    inherited['PATH'] ?? '/usr/bin:/bin',
  ]
  return {
    HOME: folder.path,
    LANG: inherited['LANG'] ?? 'C.UTF-8',
    PATH: path.join(delimiter),
    TMPDIR: folder.temporary,
    ...(inherited['TZ'] === undefined ? {} : { TZ: inherited['TZ'] }),
  }
}

/** As Kubernetes names them: `billing-api` is BILLING_API_SERVICE_HOST and BILLING_API_SERVICE_PORT. */
function serviceVariables(ports: Readonly<Record<string, number>>): Record<string, string> {
  const pairs = Object.entries(ports).flatMap(([service, port]) => {
    const name = service.toUpperCase().replaceAll('-', '_')
    return [
      [`${name}_SERVICE_HOST`, '127.0.0.1'],
      [`${name}_SERVICE_PORT`, String(port)],
    ]
  })
  return Object.fromEntries(pairs)
}

function secretVariables({ workload, secrets }: EnvironmentInputs): Record<string, string> {
  const pairs = workload.spec.secrets.flatMap(({ name, as }) =>
    as.kind === 'variable' ? [[as.name, secrets[name] ?? '']] : [],
  )
  return Object.fromEntries(pairs)
}
