import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import { openCluster } from '../../src/targets/kubernetes/api/open-cluster.ts'
import { systemTiming } from '../../src/targets/kubernetes/api/timing.ts'
import { eventually } from '../harness/eventually.ts'
import { type StandInApiServer, startStandInApiServer } from '../harness/stand-in-api-server.ts'

type Happening = (server: StandInApiServer) => void | Promise<void>

/** Nobody waits for the client's pauses here. */
const hurried = {
  ...systemTiming,
  after: (milliseconds: number, call: () => void) => systemTiming.after(milliseconds / 50, call),
}

const named = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const happening = fc.oneof(
  { weight: 6, arbitrary: named.map<[string, Happening]>(name => [`put ${name}`, at => at.put(name)]) },
  { weight: 3, arbitrary: named.map<[string, Happening]>(name => [`remove ${name}`, at => at.remove(name)]) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<[string, Happening]>(
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
      .map<[string, Happening]>(status => [`refuse ${status}`, at => at.refuse(status)]),
  },
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 12 }).map<[string, Happening]>(turns => [
      `wait ${turns}`,
      async () => {
        for (let each = 0; each < turns; each += 1) await turn()
      },
    ]),
  },
)

const versions = (
  objects: ReadonlyMap<string, { readonly metadata: { readonly resourceVersion: string } }>,
) => Object.fromEntries([...objects].map(([name, { metadata }]) => [name, metadata.resourceVersion]))

describe('what a watch has told', () => {
  const signal = AbortSignal.timeout(600_000)

  it('is in the end what a list tells, whatever was cut, refused and forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async happenings => {
        const server = await startStandInApiServer()
        const nothing = async () => ({})
        const entry = { name: 'stand-in', server: server.url, tls: nothing, headers: nothing, forget() {} }
        const cluster = openCluster({ entry, namespace: 'shop', labels: {}, timing: hurried })
        try {
          const watched = cluster.watched(KINDS.configMap)
          const told = new Map<string, string>()
          watched.onChange(({ metadata }) => told.set(metadata.name, metadata.resourceVersion))
          for (const [, happen] of happenings) await happen(server)
          const wanted = versions(server.objects())
          await eventually(
            'both are the same',
            async () => {
              const current = await watched.current({ staleMilliseconds: 0, signal })
              return (
                JSON.stringify(Object.entries(versions(current)).toSorted()) ===
                JSON.stringify(Object.entries(wanted).toSorted())
              )
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
      { numRuns: 150 },
    )
  })
})
