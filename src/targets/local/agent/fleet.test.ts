import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import { bundleProbeApp, probeWorkload } from '../../../../test/harness/probe-workload.ts'
import { type ArtifactStore, openArtifactStore } from '../../../artifacts/content-store.ts'
import { Overtaken } from '../../target.ts'
import { createBalancer } from '../balancer/balancer.ts'
import { Adoptables } from './adoptables.ts'
import { openBundles } from './bundles.ts'
import { Fleet } from './fleet.ts'
import { LOG_LIMITS, LogStore } from './log-store.ts'
import { openJournal } from './weights-journal.ts'

const BLUE = { environment: 'dev', service: 'web', color: 'blue' } as const

/** A fleet that unpacks nothing before it is let. */
async function waitingFleet() {
  const folder = await temporaryFolder()
  const artifacts = await openArtifactStore(join(folder, 'artifacts'))
  const artifact = await bundleProbeApp(artifacts, 'one')
  const begun = Promise.withResolvers<void>()
  const letGo = Promise.withResolvers<void>()
  let unpacked = 0
  const store: ArtifactStore = {
    ...artifacts,
    async unpack(digest, into) {
      unpacked += 1
      begun.resolve()
      await letGo.promise
      return await artifacts.unpack(digest, into)
    },
  }
  const { journal } = await openJournal(folder, undefined)
  const fleet = new Fleet({
    folder,
    journal,
    balancer: createBalancer({ now: Date.now }),
    bundles: await openBundles(join(folder, 'bundles'), { store, adopted: new Set() }),
    adoptables: new Adoptables([]),
    logStore: new LogStore(join(folder, 'logs'), LOG_LIMITS),
    onEvent: () => undefined,
  })
  onTestFinished(async () => {
    await fleet.close()
    await journal.close()
  })
  const workload = probeWorkload({ environment: 'dev', service: 'web', artifact })
  const provision = (act: number) =>
    fleet.provision(BLUE, { workload, count: 1, secrets: {} }, [1, 1, 1, act])
  return { fleet, provision, begun: begun.promise, letGo: letGo.resolve, unpacked: () => unpacked }
}

it('has a bundle unpacked for whoever asks again before that is done', async () => {
  const { provision, begun, letGo, unpacked } = await waitingFleet()
  const first = provision(1)
  await begun
  const second = provision(2)
  letGo()
  await expect(first).rejects.toThrow(Overtaken)
  await second
  expect(unpacked()).toBe(1)
})

it('starts nothing in a service that was closed while its bundle was unpacked', async () => {
  const { fleet, provision, begun, letGo } = await waitingFleet()
  const provisioned = provision(1)
  await begun
  await fleet.closeEnvironment('dev')
  letGo()
  await expect(provisioned).rejects.toThrow('the environment is being closed')
})
