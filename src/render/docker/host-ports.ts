import type { ResolvedService } from '../../blueprint/resolve-blueprint.ts'

const LAST_PORT = 65_535
const FIRST_UNPRIVILEGED_PORT = 1024

/** A port of the machine for each service: the wanted one, else the next that is free. Who answers `/` comes first. */
export function hostPorts(
  services: readonly ResolvedService[],
  wanted: (service: ResolvedService) => number,
): ReadonlyMap<string, number> {
  const ports = new Map<string, number>()
  const taken = new Set<number>()
  for (const service of [...services.filter(answersRoot), ...services.filter(each => !answersRoot(each))]) {
    let port = wanted(service)
    while (taken.has(port)) port = port === LAST_PORT ? FIRST_UNPRIVILEGED_PORT : port + 1
    taken.add(port)
    ports.set(service.name, port)
  }
  return ports
}

function answersRoot({ spec }: ResolvedService): boolean {
  return spec.ingress.some(({ path }) => path === '/')
}
