import type { Answer, ControlPlane } from '../../engine/control-plane.ts'
import { aCheck, aFreeze, anApproval } from '../../store/store-fixtures.ts'
import { policy, promotion, release, rollout } from './fixtures.ts'

const value = <T>(given: T): Promise<Answer<T>> => Promise.resolve({ ok: true, value: given })

/** Says yes to everything, with fixtures; what it was asked stands in `calls`. */
export function fakeControlPlane(changes: Partial<ControlPlane> = {}) {
  const calls: { readonly method: string; readonly arguments: readonly unknown[] }[] = []
  const all: ControlPlane = {
    createRelease: content => value({ ...content, id: release.id, createdAt: 1 }),
    findRelease: () => value(release),
    reportCheck: () => value(aCheck(release)),
    decideApproval: () => value(anApproval(release)),
    withdrawApproval: () => value(anApproval(release)),
    gate: () => value({ verdict: 'met', reasons: [] }),
    promote: () => value(promotion),
    abortPromotion: () => value(promotion),
    command: () => value(rollout),
    rollback: () => value([rollout]),
    declareFreeze: () => value(aFreeze()),
    liftFreeze: () => value(aFreeze()),
    differences: () => value([{ service: 'web', differences: [] }]),
    repair: () => value([{ service: 'web', differences: [] }]),
    status: () =>
      Promise.resolve({
        project: 'shop',
        at: 1,
        environments: policy.environments.map(({ name }) => ({ name, waiting: [], services: [] })),
      }),
    ...changes,
  }
  const recording = new Proxy(all, {
    get(target, method: keyof ControlPlane) {
      return (...given: unknown[]) => {
        calls.push({ method, arguments: given })
        return Reflect.apply(target[method], target, given) as unknown
      }
    },
  })
  return { controlPlane: recording, calls }
}
