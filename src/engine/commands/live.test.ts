import { afterEach, describe, expect, it } from 'vitest'
import { KIM, type Rig, startRig } from '../../../test/harness/engine-rig.ts'
import type { Expected, Live } from '../../targets/target.ts'

const IMAGE = {
  object: 'Deployment web-blue',
  field: '.spec.image',
  live: 'web:latest',
  manager: 'kubectl-edit',
}

/** A target on which others have changed something. */
function meddledLive(asked: Expected[] = []): Live {
  const found = async (_service: unknown, expected: Expected) => {
    asked.push(expected)
    return [IMAGE]
  }
  return { differences: found, repair: found }
}

describe('what is in place', () => {
  let rig: Rig
  afterEach(() => rig.stop())

  it('is compared with the releases that are in the colors, and users with where they were sent', async () => {
    rig = await startRig()
    const release = await rig.release('one')
    await rig.ended((await rig.promote(release, 'dev')).id)
    const asked: Expected[] = []
    Object.assign(rig.target, { live: meddledLive(asked) })
    expect(await rig.plane.differences({ environment: 'dev' })).toEqual({
      ok: true,
      value: [{ service: 'web', differences: [IMAGE] }],
    })
    expect(asked).toMatchObject([{ weights: { blue: 100, green: 0 } }])
    expect(await asked[0]?.workloadOf(release.id)).toMatchObject({ service: 'web', release: release.id })
    expect(await asked[0]?.workloadOf(`sha256:${'0'.repeat(64)}`)).toBeUndefined()
  })

  it('is repaired by a person, which stands in the audit log with whose change it was', async () => {
    rig = await startRig()
    await rig.ended((await rig.promote(await rig.release('one'), 'dev')).id)
    Object.assign(rig.target, { live: meddledLive() })
    await rig.plane.repair({ environment: 'dev', service: 'web' }, KIM)
    const events = await rig.store.events(0, 200)
    expect(events.at(-1)).toMatchObject({
      kind: 'environment.repaired',
      actor: 'kim',
      environment: 'dev',
      service: 'web',
      message: 'kim made web in dev as released again: Deployment web-blue .spec.image',
      data: { differences: [IMAGE] },
    })
  })

  it('is told service by service where it cannot be compared', async () => {
    rig = await startRig()
    await rig.ended((await rig.promote(await rig.release('one'), 'dev')).id)
    const away = async () => {
      throw new Error('the API server has not answered for 12 s')
    }
    Object.assign(rig.target, { live: { differences: away, repair: away } })
    expect(await rig.plane.differences({ environment: 'dev' })).toEqual({
      ok: true,
      value: [{ service: 'web', differences: [], problem: 'the API server has not answered for 12 s' }],
    })
  })

  it('needs an environment and a service that are known, on a target that others can change', async () => {
    rig = await startRig()
    await rig.ended((await rig.promote(await rig.release('one'), 'dev')).id)
    const refused = [
      { place: { environment: 'nowhere' }, kind: 'not-found' },
      { place: { environment: 'dev', service: 'nothing' }, kind: 'not-found' },
      { place: { environment: 'dev' }, kind: 'invalid' },
    ]
    for (const { place, kind } of refused)
      expect(await rig.plane.differences(place)).toMatchObject({ ok: false, refusal: { kind } })
  })
})
