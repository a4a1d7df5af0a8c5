import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Color, weightsFor } from '../../src/model/color.ts'
import { isReady } from '../../src/model/observation.ts'
import type { Workload } from '../../src/model/release.ts'
import { type LogLine, Overtaken, type Slot, type Target, type Turn } from '../../src/targets/target.ts'
import { eventually } from './eventually.ts'

/** What a target has to bring so that its promises can be tested. */
export interface TargetUnderTest {
  readonly target: Target
  /** An environment that is open for users. */
  readonly environment: string
  /**
   * A workload whose every instance answers GET with the JSON `{version, color, release}`, `release` in its short
   * form, and prints `version X listens`; one of its own release each time. Users reach it below `/SERVICE`.
   * `broken`: `exits` as soon as it is started; `unready` never says that it is ready.
   */
  workload(o: {
    readonly service: string
    readonly version: string
    readonly broken?: 'exits' | 'unready'
  }): Promise<Workload>
  /** The same workload, but of an artifact whose stored bytes are not those of its digest. */
  damaged(workload: Workload): Promise<Workload>
  /** The same workload with a secret that nobody has set. */
  withMissingSecret(workload: Workload): Workload
  /** Where users reach the environment: scheme, host and port. */
  users(): Promise<string>
  /** Ends one instance of the slot as abruptly as the target allows. */
  killInstance(slot: Slot): Promise<void>
  end(): Promise<void>
}

interface Answer {
  readonly version: string
  readonly color: Color
}

const signal = AbortSignal.timeout(600_000)
const turn: Turn = { fence: [1, 1, 1, 1], signal }

/** Every promise of `Target`, for any target. */
export function describeTarget(name: string, setUp: () => Promise<TargetUnderTest>): void {
  describe(name, () => {
    let under: TargetUnderTest
    let target: Target
    let number = 0

    beforeAll(async () => {
      under = await setUp()
      target = under.target
    })
    afterAll(async () => await under?.end())

    const newService = () => `svc${(number += 1)}`
    const slotOf = (service: string, color: Color): Slot => ({
      environment: under.environment,
      service,
      color,
    })
    const observe = (service: string) => target.observe({ environment: under.environment, service }, signal)
    const ask = async (service: string): Promise<Answer> =>
      await fetchJson(`${await under.users()}/${service}`)
    const preview = async (slot: Slot): Promise<Answer> => {
      const { origin, headers } = await target.preview(slot, signal)
      return await fetchJson(`${origin}/${slot.service}`, headers)
    }
    const shift = (service: string, color: Color, percent = 100) =>
      target.shift({ environment: under.environment, service }, weightsFor(color, percent), turn)
    const untilReady = (slot: Slot, workload: Workload, count: number) =>
      eventually(`${slot.service} ${slot.color} is ready`, async () => {
        const seen = (await observe(slot.service)).slots[slot.color]
        return isReady(seen, { release: workload.release, count }) && seen?.total === count
      })
    const provision = async (slot: Slot, workload: Workload, count = 1) => {
      await target.provision(slot, workload, count, turn)
      await untilReady(slot, workload, count)
    }
    /** Brings a version up in a color, and sends all users there. */
    const serve = async (service: string, color: Color, version: string): Promise<Workload> => {
      const workload = await under.workload({ service, version })
      await provision(slotOf(service, color), workload)
      await shift(service, color)
      return workload
    }

    describe('preflight', () => {
      it('has nothing against a workload that can run', async () => {
        const service = newService()
        const workload = await under.workload({ service, version: 'one' })
        expect(await target.preflight(slotOf(service, 'blue'), workload, signal)).toEqual([])
      })

      it('names a damaged artifact and a missing secret at once, and changes nothing', async () => {
        const service = newService()
        const workload = under.withMissingSecret(
          await under.damaged(await under.workload({ service, version: 'damaged preflight' })),
        )
        const problems = await target.preflight(slotOf(service, 'blue'), workload, signal)
        expect(problems.length).toBe(2)
        expect(problems.join('\n')).toContain(workload.artifact.digest)
        expect((await observe(service)).slots).toEqual({})
      })
    })

    describe('observe', () => {
      it('sees neither slots nor weights where nothing ever ran', async () => {
        const observation = await observe(newService())
        expect(observation.slots).toEqual({})
        expect(observation.weights).toBeUndefined()
      })

      it('tells release, artifact and instances of a slot, and no weights before users are sent there', async () => {
        const service = newService()
        const workload = await under.workload({ service, version: 'one' })
        await provision(slotOf(service, 'blue'), workload, 2)
        const { slots, weights } = await observe(service)
        const { release, artifact } = workload
        expect(slots).toEqual({
          blue: { release, artifact: artifact.digest, desired: 2, ready: 2, total: 2 },
        })
        expect(weights).toBeUndefined()
      })

      it.each(['exits', 'unready'] as const)(
        'tells in words why a slot cannot become ready (%s)',
        async broken => {
          const service = newService()
          const workload = await under.workload({ service, version: 'broken', broken })
          await target.provision(slotOf(service, 'blue'), workload, 1, turn)
          const slot = await eventually('a problem', async () => {
            const seen = (await observe(service)).slots.blue
            return seen?.problem !== undefined && seen
          })
          expect(slot.ready).toBe(0)
          expect(slot.problem).toMatch(broken === 'exits' ? /code 7[^]*the database is not there/ : /ready/)
          await target.retire(slotOf(service, 'blue'), turn)
        },
      )
    })

    describe('provision', () => {
      it('changes nothing when it is repeated', async () => {
        const service = newService()
        const slot = slotOf(service, 'blue')
        const workload = await under.workload({ service, version: 'one' })
        await provision(slot, workload, 2)
        await Promise.all([1, 2, 3].map(() => target.provision(slot, workload, 2, turn)))
        expect((await observe(service)).slots.blue).toMatchObject({ desired: 2, ready: 2, total: 2 })
      })

      it('changes the number of instances up and down', async () => {
        const service = newService()
        const slot = slotOf(service, 'green')
        const workload = await under.workload({ service, version: 'one' })
        for (const count of [1, 3, 2]) await provision(slot, workload, count)
        expect((await observe(service)).slots.green).toMatchObject({ desired: 2, ready: 2, total: 2 })
      })

      it('fails for a damaged artifact and leaves what runs alone', async () => {
        const service = newService()
        const running = await serve(service, 'blue', 'whole')
        const damaged = await under.damaged(await under.workload({ service, version: 'damaged provision' }))
        await expect(target.provision(slotOf(service, 'blue'), damaged, 1, turn)).rejects.toThrow(
          damaged.artifact.digest,
        )
        expect((await observe(service)).slots.blue).toMatchObject({
          release: running.release,
          ready: 1,
          total: 1,
        })
        expect((await ask(service)).version).toBe('whole')
      })

      it('brings a second color up without a user seeing it', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await provision(slotOf(service, 'green'), await under.workload({ service, version: 'new' }))
        const seen = await Promise.all(Array.from({ length: 20 }, () => ask(service)))
        expect(new Set(seen.map(({ version }) => version))).toEqual(new Set(['old']))
      })

      it('replaces a slot with users instance by instance and loses no request', async () => {
        const service = newService()
        const slot = slotOf(service, 'blue')
        const old = await under.workload({ service, version: 'old' })
        await provision(slot, old, 2)
        await shift(service, 'blue')
        const load = startLoad(() => ask(service))
        const next = await under.workload({ service, version: 'new' })
        await target.provision(slot, next, 2, turn)
        await eventually('every instance is replaced', async () => {
          const seen = (await observe(service)).slots.blue
          if (seen?.release === next.release && seen.ready < 2) expect(seen.total).toBeGreaterThanOrEqual(2)
          return isReady(seen, { release: next.release, count: 2 }) && seen?.total === 2
        })
        expect((await ask(service)).version).toBe('new')
        const { failures, answers } = await load.stop()
        expect(failures).toEqual([])
        expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['old', 'new']))
      })

      it('keeps the old release serving while its replacement cannot become ready, and goes back to it', async () => {
        const service = newService()
        const slot = slotOf(service, 'blue')
        const old = await under.workload({ service, version: 'old' })
        await provision(slot, old, 2)
        await shift(service, 'blue')
        const broken = await under.workload({ service, version: 'broken', broken: 'exits' })
        await target.provision(slot, broken, 2, turn)
        const seen = await eventually('a problem', async () => {
          const { blue } = (await observe(service)).slots
          return blue?.problem !== undefined && blue
        })
        expect(seen).toMatchObject({ release: broken.release, ready: 0 })
        expect((await ask(service)).version).toBe('old')
        await provision(slot, old, 2)
        expect((await ask(service)).version).toBe('old')
      })
    })

    describe('preview', () => {
      it('reaches each color whatever the weights are', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await provision(slotOf(service, 'green'), await under.workload({ service, version: 'new' }))
        expect(await preview(slotOf(service, 'blue'))).toMatchObject({ version: 'old', color: 'blue' })
        expect(await preview(slotOf(service, 'green'))).toMatchObject({ version: 'new', color: 'green' })
      })
    })

    describe('shift', () => {
      it('sends all users to the new color with the next request, and back, losing none', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await provision(slotOf(service, 'green'), await under.workload({ service, version: 'new' }))
        const load = startLoad(() => ask(service))
        for (const color of ['green', 'blue', 'green'] as const) {
          await shift(service, color)
          expect((await ask(service)).color).toBe(color)
          expect((await observe(service)).weights).toEqual(weightsFor(color, 100))
        }
        expect((await load.stop()).failures).toEqual([])
      })

      it('splits users as the weights say', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await provision(slotOf(service, 'green'), await under.workload({ service, version: 'new' }))
        await shift(service, 'green', 20)
        const seen = await Promise.all(Array.from({ length: 200 }, () => ask(service)))
        const share = seen.filter(({ color }) => color === 'green').length / seen.length
        expect(share).toBeGreaterThan(0.1)
        expect(share).toBeLessThan(0.3)
      })

      it('refuses to send users to a color where nobody is ready', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await expect(shift(service, 'green')).rejects.toThrow('green')
        const broken = await under.workload({ service, version: 'broken', broken: 'unready' })
        await target.provision(slotOf(service, 'green'), broken, 1, turn)
        await expect(shift(service, 'green', 1)).rejects.toThrow('green')
        expect((await observe(service)).weights).toEqual(weightsFor('blue', 100))
        expect((await ask(service)).version).toBe('old')
      })

      it('changes nothing when it is repeated', async () => {
        const service = newService()
        await serve(service, 'blue', 'one')
        await shift(service, 'blue')
        await shift(service, 'blue')
        expect((await ask(service)).version).toBe('one')
      })
    })

    describe('retire', () => {
      it('refuses while users are sent to the slot', async () => {
        const service = newService()
        await serve(service, 'blue', 'one')
        await expect(target.retire(slotOf(service, 'blue'), turn)).rejects.toThrow('blue')
        expect((await ask(service)).version).toBe('one')
      })

      it('ends every instance, however often it is called', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await serve(service, 'green', 'new')
        await target.retire(slotOf(service, 'blue'), turn)
        await target.retire(slotOf(service, 'blue'), turn)
        await eventually('blue is gone', async () => {
          const { blue } = (await observe(service)).slots
          return blue === undefined || (blue.desired === 0 && blue.total === 0)
        })
        expect((await ask(service)).version).toBe('new')
      })

      it('accepts a slot that never had an instance', async () => {
        await target.retire(slotOf(newService(), 'green'), turn)
      })

      it('lets the slot be used again', async () => {
        const service = newService()
        await serve(service, 'blue', 'old')
        await serve(service, 'green', 'new')
        await target.retire(slotOf(service, 'blue'), turn)
        await serve(service, 'blue', 'newest')
        expect((await ask(service)).version).toBe('newest')
      })
    })

    describe('a turn', () => {
      const later: Turn = { fence: [1, 2, 1, 1], signal }

      it.each<[string, (slot: Slot, workload: Workload) => Promise<void>]>([
        ['provision', (slot, workload) => target.provision(slot, workload, 2, turn)],
        ['shift', service => target.shift(service, weightsFor('green', 100), turn)],
        ['retire', slot => target.retire(slot, turn)],
      ])('refuses whoever was overtaken, and changes nothing: %s', async (_, act) => {
        const service = newService()
        const blue = await serve(service, 'blue', 'old')
        const green = slotOf(service, 'green')
        await provision(green, await under.workload({ service, version: 'new' }))
        await target.provision(slotOf(service, 'blue'), blue, 1, later)
        const { at: _before, ...before } = await observe(service)
        await expect(act(green, await under.workload({ service, version: 'late' }))).rejects.toThrow(
          Overtaken,
        )
        const { at: _after, ...after } = await observe(service)
        expect(after).toEqual(before)
        expect((await ask(service)).version).toBe('old')
      })

      it('is whole: the same fence acts again, and a later one goes on', async () => {
        const service = newService()
        const workload = await serve(service, 'blue', 'one')
        const slot = slotOf(service, 'blue')
        for (const fence of [later.fence, later.fence, [1, 2, 1, 2], [2, 1, 1, 1]] as const) {
          await target.provision(slot, workload, 1, { fence, signal })
          await target.shift(slot, weightsFor('blue', 100), { fence, signal })
          await target.retire(slotOf(service, 'green'), { fence, signal })
        }
        await expect(target.retire(slotOf(service, 'green'), later)).rejects.toThrow(Overtaken)
      })
    })

    it('replaces an instance that was killed', async () => {
      const service = newService()
      const slot = slotOf(service, 'blue')
      const workload = await under.workload({ service, version: 'one' })
      await provision(slot, workload, 2)
      await shift(service, 'blue')
      await under.killInstance(slot)
      await eventually('one is missing', async () => ((await observe(service)).slots.blue?.ready ?? 2) < 2)
      // What it was answering may be lost, but nobody is sent to it any more.
      expect((await ask(service)).version).toBe('one')
      await untilReady(slot, workload, 2)
    })

    it('calls back when a slot becomes ready, and no more once it is told to stop', async () => {
      const service = newService()
      const calls: string[] = []
      const stop = target.watch(ref => calls.push(ref.service))
      const workload = await under.workload({ service, version: 'one' })
      await target.provision(slotOf(service, 'blue'), workload, 1, turn)
      await eventually('a call after which the slot is ready', async () => {
        if (!calls.splice(0).includes(service)) return false
        return isReady((await observe(service)).slots.blue, { release: workload.release, count: 1 })
      })
      stop()
      calls.length = 0
      await shift(service, 'blue')
      expect(calls).toEqual([])
    })

    describe('logs', () => {
      it('shows the past of both colors, or of one', async () => {
        const service = newService()
        const ref = { environment: under.environment, service }
        await serve(service, 'blue', 'old')
        await serve(service, 'green', 'new')
        const both = await eventually('both have printed', async () => {
          const lines = await collect(target.logs(ref, { follow: false, tail: 100 }, signal))
          return lines.length >= 2 && lines
        })
        expect(both.map(({ text }) => text)).toEqual(['version old listens', 'version new listens'])
        const green = await collect(target.logs(ref, { follow: false, tail: 100, color: 'green' }, signal))
        expect(green).toMatchObject([{ color: 'green', stream: 'stdout', text: 'version new listens' }])
        expect(await collect(target.logs(ref, { follow: false, tail: 1 }, signal))).toEqual(both.slice(1))
      })

      it('goes on with new lines until aborted', async () => {
        const service = newService()
        const ref = { environment: under.environment, service }
        await serve(service, 'blue', 'old')
        const stopping = new AbortController()
        const seen: string[] = []
        const following = (async () => {
          for await (const line of target.logs(ref, { follow: true, tail: 0 }, stopping.signal))
            seen.push(line.text)
        })()
        // A follower that comes late would miss the line: versions go on until one is seen.
        await eventually('a followed line', async () => {
          if (seen.length > 0) return true
          await serve(service, 'green', 'new')
          return false
        })
        stopping.abort()
        await following
        expect(seen[0]).toMatch(/version new listens|asked to end/)
      })
    })

    it('gives up when it is aborted', async () => {
      const ref = { environment: under.environment, service: newService() }
      await expect(target.observe(ref, AbortSignal.abort(new Error('enough')))).rejects.toThrow()
    })
  })
}

async function collect(lines: AsyncIterable<LogLine>): Promise<readonly LogLine[]> {
  const all: LogLine[] = []
  for await (const line of lines) all.push(line)
  return all
}

async function fetchJson(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  const answer: Answer = JSON.parse(await response.text())
  return answer
}

/** Asks again and again, four at a time, and remembers every failure. */
export function startLoad<T>(ask: () => Promise<T>): {
  stop(): Promise<{ failures: readonly string[]; answers: readonly T[] }>
} {
  const stopping = new AbortController()
  const failures: string[] = []
  const answers: T[] = []
  const worker = async () => {
    while (!stopping.signal.aborted) {
      try {
        answers.push(await ask())
      } catch (error) {
        failures.push(String(error))
      }
    }
  }
  const workers = [worker(), worker(), worker(), worker()]
  return {
    async stop() {
      stopping.abort()
      await Promise.all(workers)
      return { failures, answers }
    },
  }
}
