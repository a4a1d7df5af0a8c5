import { PORT_NAME } from '../../render/kubernetes/services.ts'
import { slotName } from '../../render/names.ts'
import { type Slot, TargetUnavailable } from '../target.ts'
import type { ProxyRequest } from './api/cluster.ts'
import type { Pod } from './live-objects.ts'
import { isReadyPod } from './pod-trouble.ts'
import { colorOf, readWatched } from './read-view.ts'
import type { TargetParts } from './target-parts.ts'

/** The color's own Service; where it has none, since it is replaced in place, an instance that is ready. */
export async function findPreview(
  parts: TargetParts,
  { service, color, environment }: Slot,
  signal: AbortSignal,
): Promise<ProxyRequest['to']> {
  const { services, pods } = await readWatched(parts, service, signal)
  const name = slotName(service, color)
  if (services.has(name)) return { kind: 'services', name, port: PORT_NAME }
  const ready = (pods as readonly Pod[]).find(pod => colorOf(pod) === color && isReadyPod(pod))
  const port = ready?.spec.containers[0]?.ports?.find(each => each.name === PORT_NAME)?.containerPort
  if (ready === undefined || port === undefined)
    throw new TargetUnavailable(`${environment} ${service}: ${color} has no instance that is ready`)
  return { kind: 'pods', name: ready.metadata.name, port: String(port) }
}
