import { ask } from '../../../analysis/prometheus/instant-query.ts'
import { UserError } from '../../../model/user-error.ts'
import type { Context } from '../../context.ts'
import { until } from '../../running/until.ts'
import { withProgress } from '../../terminal/progress.ts'
import type { Door } from '../venue.ts'
import { SETUP_KINDS } from './demo-cluster.ts'
import type { Place } from './find-place.ts'
import { originOfIngress } from './origin.ts'
import { hostOf } from './shop-blueprint.ts'

const LOOK = { betweenMilliseconds: 500 }
/** A load balancer of a cloud takes minutes. */
const ADDRESS_SECONDS = 300
/** Twice the longest time that most Prometheus look after. */
const SCRAPE_SECONDS = 120

/** Where users reach prod, which serves already; measured, so that they may come. */
export async function findDoor(context: Context, place: Place, project: string): Promise<Door> {
  const host = hostOf({ project, way: place.way }, 'prod')
  const origin = place.origin ?? (await whenRouted(context, place, project))
  await withProgress(context.output, 'Wait until Prometheus measures the shop', () =>
    whenMeasured(context, place, project),
  )
  return { origin, host }
}

async function whenRouted(
  { output, signal }: Context,
  { cluster, way }: Place,
  project: string,
): Promise<string> {
  const ingress = { kind: SETUP_KINDS.ingress, name: 'web', namespace: `${project}-prod` }
  const look = async () => originOfIngress(await cluster.get(ingress, signal))
  const origin = await withProgress(output, `Wait for the address of ${way.name}`, () =>
    until({ seconds: ADDRESS_SECONDS, signal, ...LOOK, look }),
  )
  if (origin !== undefined) return origin
  throw new UserError(
    '--address',
    `${way.name} did not say within ${ADDRESS_SECONDS} s where users reach it`,
    'look what its controller says: kubectl describe ingress; or name the address',
  )
}

/** Nobody has to wait until a rollout's time is over to see that Prometheus does not know these pods. */
async function whenMeasured({ now, signal }: Context, { prometheus }: Place, project: string): Promise<void> {
  const promql = `count(up{project="${project}",environment="prod",service="api",color!=""} == 1)`
  const look = async () => {
    const { kind } = await ask(prometheus, { promql, at: now(), since: 0 }, signal)
    return kind === 'number' ? true : undefined
  }
  if (await until({ seconds: SCRAPE_SECONDS, signal, ...LOOK, look })) return
  throw new UserError(
    '--prometheus',
    `${prometheus.url} did not measure the shop within ${SCRAPE_SECONDS} s`,
    'let it scrape pods whose label app.kubernetes.io/part-of begins with shop-demo-, as docs/kubernetes-demo.md shows',
  )
}
