import { describe, expect, it } from 'vitest'
import { loadSample, type Readings, type UsageReading } from './load-sample.ts'

const NOW = 1_000_000
const MEBIBYTE = 1024 ** 2

/** Readings every 10 s of an instance that takes so many cores, ready since so many seconds ago. */
function instance(o: { seconds: number; cores: number; mebibytes?: number }): UsageReading[] {
  return Array.from({ length: o.seconds / 10 + 1 }, (_, index) => ({
    at: NOW - o.seconds * 1000 + index * 10_000,
    cpuSeconds: 100 + o.cores * index * 10,
    memoryBytes: (o.mebibytes ?? 64) * MEBIBYTE,
  }))
}

function sample(changes: Partial<Readings>) {
  const { load } = loadSample({
    spec: { cpu: 512, memory: 128 },
    instances: [],
    ready: 0,
    requests: 0,
    windowSeconds: 60,
    now: NOW,
    ...changes,
  })
  return load
}

describe('the load of a color', () => {
  it('is in percent of the cpu and memory that the service asks for', () => {
    const instances = [
      instance({ seconds: 60, cores: 0.5 }),
      instance({ seconds: 60, cores: 0.25, mebibytes: 32 }),
    ]
    expect(sample({ instances, ready: 2 })).toMatchObject({
      cpu: { average: 75, instances: 2 },
      memory: { average: 37.5, instances: 2 },
    })
  })

  it('counts requests by the minute and ready instance', () => {
    expect(sample({ ready: 4, requests: 200 })).toEqual({ requestsPerTarget: { average: 50, instances: 4 } })
    expect(sample({ ready: 1, requests: 10, windowSeconds: 2 })).toMatchObject({
      requestsPerTarget: { average: 300 },
    })
  })

  it('is unknown where nobody is ready', () => {
    expect(sample({ requests: 10 })).toEqual({})
  })

  it('leaves out an instance that has just become ready', () => {
    const instances = [instance({ seconds: 60, cores: 0.5 }), instance({ seconds: 10, cores: 1 })]
    expect(sample({ instances, ready: 2 })).toMatchObject({ cpu: { average: 100, instances: 1 } })
    expect(sample({ instances: [instance({ seconds: 10, cores: 1 })], ready: 1 })).not.toHaveProperty('cpu')
  })

  it('is measured over the same interval everywhere, so that load that moved is not counted twice', () => {
    const saturated = instance({ seconds: 60, cores: 1 })
    const [before, after] = [saturated.slice(0, 4), saturated.slice(4)]
    const relieved = [
      ...before,
      ...after.map((reading, index) => ({ ...reading, cpuSeconds: 130 + (index + 1) * 5 })),
    ]
    const instances = [relieved, instance({ seconds: 30, cores: 0.5 })]
    expect(sample({ instances, ready: 2 })).toMatchObject({ cpu: { average: 100, instances: 2 } })
  })

  it('is not below nothing where the time of a process went with it', () => {
    const shrunk = instance({ seconds: 60, cores: -1 })
    expect(sample({ instances: [shrunk], ready: 1 })).toMatchObject({ cpu: { average: 0 } })
  })
})
