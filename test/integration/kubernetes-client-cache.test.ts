import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WatchedObjects } from '../../src/targets/kubernetes/api/cluster.ts'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import { openCluster } from '../../src/targets/kubernetes/api/open-cluster.ts'
import { systemTiming } from '../../src/targets/kubernetes/api/timing.ts'
import { eventually } from '../harness/eventually.ts'
import { type StandInApiServer, startStandInApiServer } from '../harness/stand-in-api-server.ts'

type Happening = readonly [
  name: string,
  happen: (server: StandInApiServer, watched: WatchedObjects) => void | Promise<unknown>,
]

const signal = AbortSignal.timeout(600_000)

/** Nobody waits for the client's pauses here. */
const hurried = {
  ...systemTiming,
  after: (milliseconds: number, call: () => void) => systemTiming.after(milliseconds / 50, call),
}

const named = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const waits = fc.integer({ min: 1, max: 12 }).map(
  (turns): Happening => [
    `wait ${turns}`,
    async () => {
      for (let each = 0; each < turns; each += 1) await turn()
    },
  ],
)
const settle: Happening = [
  'settle',
  async (_, watched) => await watched.current({ staleMilliseconds: 0, signal }).catch(() => undefined),
]
/** What happened while nobody watched is forgotten before anybody does again. */
const missed = fc.array(fc.tuple(fc.boolean(), named), { maxLength: 3 }).map(
  (changes): Happening => [
    `miss ${changes.join(' ')}`,
    at => {
      at.cutWatches()
      for (const [isThere, name] of changes) (isThere ? at.put : at.remove)(name)
      at.forget()
    },
  ],
)
const happening = fc.oneof(
  { weight: 6, arbitrary: named.map((name): Happening => [`put ${name}`, at => at.put(name)]) },
  { weight: 4, arbitrary: named.map((name): Happening => [`remove ${name}`, at => at.remove(name)]) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Happening>(
      ['forget', at => at.forget()],
      ['bookmark', at => at.bookmark()],
      ['end', at => at.endWatches()],
      ['cut', at => at.cutWatches()],
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(429, 500, 503)
      .map((status): Happening => [`refuse ${status}`, at => at.refuse(status)]),
  },
  { weight: 4, arbitrary: missed },
  { weight: 5, arbitrary: waits },
  { weight: 5, arbitrary: fc.constant(settle) },
)

type Versioned = ReadonlyMap<string, { readonly metadata: { readonly resourceVersion: string } }>

const versions = (objects: Versioned): Readonly<Record<string, string>> => {
  const entries = [...objects].map(([name, { metadata }]) => [name, metadata.resourceVersion] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

describe('what a watch has told', () => {
  it('is in the end what a list tells, whatever was cut, refused and forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async happenings => {
        const server = await startStandInApiServer()
        const nothing = async () => ({})
        const entry = { name: 'stand-in', server: server.url, tls: nothing, headers: nothing, forget() {} }
        const cluster = openCluster({ entry, namespace: 'shop', labels: {}, timing: hurried })
        try {
          const watched = cluster.watched(KINDS.configMap)
          const told = new Map<string, string>()
          watched.onChange(({ metadata }) => told.set(metadata.name, metadata.resourceVersion))
          for (const [, happen] of happenings) await happen(server, watched)
          const wanted = versions(server.objects())
          await eventually(
            'both are the same',
            async () => {
              const current = await watched.current({ staleMilliseconds: 0, signal })
              return JSON.stringify(versions(current)) === JSON.stringify(wanted)
            },
            5,
          )
          // Listeners have been told of what each one is now.
          for (const [name, version] of Object.entries(wanted)) expect(told.get(name)).toBe(version)
        } finally {
          await cluster.close()
          await server.stop()
        }
      }),
      // Each run that fails takes seconds: the first one found is shown.
      { numRuns: 150, endOnFailure: true },
    )
  })
})
