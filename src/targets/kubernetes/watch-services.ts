import type { ServiceRef } from '../target.ts'
import type { ClusterObject } from './api/cluster-object.ts'
import { serviceOf, viewedKinds } from './read-view.ts'
import type { TargetParts } from './target-parts.ts'

/** Calls back with the service of every object that came, changed or went. */
export function onServiceChange(parts: TargetParts, listener: (service: string) => void): () => void {
  const tell = (object: ClusterObject) => {
    const service = serviceOf(object)
    if (service !== undefined) listener(service)
  }
  const stops = Object.values(viewedKinds(parts)).map(kind => parts.cluster.watched(kind).onChange(tell))
  return () => {
    for (const stop of stops) stop()
  }
}

/** Changes of one moment are one: a rollout of ten pods changes a hundred objects. */
export function watchServices(parts: TargetParts, listener: (service: ServiceRef) => void): () => void {
  const { environment } = parts.environment
  const changed = new Set<string>()
  let isStopped = false
  const tell = () => {
    const services = [...changed]
    changed.clear()
    for (const service of services) if (!isStopped) listener({ environment, service })
  }
  const stop = onServiceChange(parts, service => {
    if (changed.size === 0) setImmediate(tell)
    changed.add(service)
  })
  return () => {
    isStopped = true
    stop()
  }
}
