import { PORT_NAME, STABLE_PORT } from '../../render/kubernetes/services.ts'
import type { Deployment, ServiceObject } from './shapes.ts'

export type ServicePort = ServiceObject['spec']['ports'][number]

/** The one that Sluice sets. */
export const isStable = ({ port, protocol }: ServicePort): boolean =>
  port === STABLE_PORT && protocol === 'TCP'

/** As a port has to be called once Sluice's is beside it: each has a name, and `http` is that of port 80. */
export function portName(port: ServicePort): string {
  if (isStable(port)) return PORT_NAME
  return port.name === undefined || port.name === PORT_NAME ? `port-${port.port}` : port.name
}

/** The same ports for callers, as they may stand beside Sluice's; a target is a number, for Sluice's pods have one name. */
export function preparedPorts({ spec }: ServiceObject, deployment: Deployment): readonly ServicePort[] {
  const { containers } = deployment.spec.template.spec
  const named = new Map(containers.flatMap(({ ports }) => ports.map(each => [each.name, each.containerPort])))
  const single = spec.ports.every(isStable)
  return spec.ports.map(port => {
    const { targetPort } = port
    const target =
      single || typeof targetPort !== 'string' ? targetPort : (named.get(targetPort) ?? targetPort)
    return { ...port, name: portName(port), ...(target === undefined ? {} : { targetPort: target }) }
  })
}
