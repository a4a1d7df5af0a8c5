import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Agent, request } from 'undici'
import type { Kubernetes } from '../kubernetes.ts'

/**
 * Pods as Prometheus would discover them, in a file for its `file_sd_configs`: Debian's is built without the discovery of
 * Kubernetes. They have the labels that it would give them, so that documented relabeling works as it is.
 */
export interface PodTargets {
  readonly file: string
  stop(): Promise<void>
}

interface Pod {
  readonly metadata: { readonly uid: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec: { readonly containers: readonly { readonly ports?: readonly Port[] }[] }
  readonly status: { readonly podIP?: string; readonly phase?: string }
}

interface PodList {
  readonly items: readonly Pod[]
  readonly metadata: { readonly resourceVersion: string }
}

interface Port {
  readonly name?: string
  readonly containerPort: number
}

interface Target {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

export async function followPods({ url, token, ca, folder }: Kubernetes): Promise<PodTargets> {
  const file = join(folder, 'pod-targets.json')
  const dispatcher = new Agent({ connect: { ca }, bodyTimeout: 0 })
  const headers = { authorization: `Bearer ${token}` }
  const pods = new Map<string, readonly Target[]>()
  const write = async (): Promise<void> => {
    // At once: half a file would be read as an error.
    await writeFile(`${file}.new`, JSON.stringify([...pods.values()].flat()))
    await rename(`${file}.new`, file)
  }
  const asked = await request(`${url}/api/v1/pods`, { dispatcher, headers })
  const { items, metadata } = (await asked.body.json()) as PodList
  for (const pod of items) pods.set(pod.metadata.uid, targetsOf(pod))
  await write()
  const from = `${url}/api/v1/pods?watch=1&resourceVersion=${metadata.resourceVersion}`
  const { body } = await request(from, { dispatcher, headers })
  const reading = (async () => {
    for await (const line of createInterface({ input: body })) {
      const { type, object }: { type: string; object: Pod } = JSON.parse(line)
      if (type === 'ERROR') throw new Error(line)
      if (type === 'DELETED') pods.delete(object.metadata.uid)
      else pods.set(object.metadata.uid, targetsOf(object))
      await write()
    }
  })()
  let isStopping = false
  const ended = reading.catch((error: unknown) => {
    if (!isStopping) throw error
  })
  return {
    file,
    async stop() {
      isStopping = true
      await dispatcher.destroy()
      await ended
    },
  }
}

/** What has ended is not asked any more. */
function targetsOf({ metadata, spec, status: { podIP, phase } }: Pod): readonly Target[] {
  if (podIP === undefined || phase !== 'Running') return []
  const labels = Object.entries(metadata.labels ?? {}).map(([name, value]) => [
    `__meta_kubernetes_pod_label_${name.replaceAll(/\W/g, '_')}`,
    value,
  ])
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .map(({ name = '', containerPort }) => ({
      targets: [`${podIP}:${containerPort}`],
      labels: { ...Object.fromEntries(labels), __meta_kubernetes_pod_container_port_name: name },
    }))
}
