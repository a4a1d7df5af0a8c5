import { KINDS } from '../api/cluster-object.ts'
import type { Pod } from '../live-objects.ts'
import type { Look } from './switch.ts'

/** These very ones, each with its own grace. */
export async function removePods(
  { cluster, signal }: Pick<Look, 'cluster' | 'signal'>,
  pods: readonly Pod[],
): Promise<void> {
  await Promise.all(
    pods.map(({ metadata: { name, uid } }) => cluster.remove({ kind: KINDS.pod, name }, { signal, uid })),
  )
}
