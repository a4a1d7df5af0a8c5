import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import type { AgentState } from './agent-state.ts'
import { openJournal } from './weights-journal.ts'

const FENCE = [7, 1, 1, 1] as const
const WEB = { environment: 'dev', service: 'web', fence: FENCE }
const STATE: AgentState = {
  version: 1,
  sequence: 0,
  environments: {
    dev: { port: 1, services: { web: { ports: { service: 2, blue: 3, green: 4 }, slots: {} } } },
  },
}
const weightsIn = (state: AgentState | undefined) => state?.environments['dev']?.services['web']?.weights

describe('the journal of weights', () => {
  it('brings a state up to date, whatever a crash left of its last line', async () => {
    const folder = await temporaryFolder()
    const { journal } = await openJournal(folder, STATE)
    await journal.add({ ...WEB, weights: { blue: 80, green: 20 } })
    await journal.add({ ...WEB, weights: { blue: 0, green: 100 } })
    await journal.close()
    await appendFile(join(folder, 'weights.journal'), '\n{"sequence":3,"environ')
    const again = await openJournal(folder, STATE)
    expect(weightsIn(again.state)).toEqual({ blue: 0, green: 100 })
    await again.journal.add({ ...WEB, weights: { blue: 100, green: 0 } })
    await again.journal.close()
    expect(weightsIn((await openJournal(folder, STATE)).state)).toEqual({ blue: 100, green: 0 })
  })

  it('passes over what the state already holds, and services that are gone', async () => {
    const folder = await temporaryFolder()
    const { journal } = await openJournal(folder, STATE)
    await journal.add({ ...WEB, weights: { blue: 80, green: 20 } })
    await journal.add({ ...WEB, service: 'gone', weights: { blue: 80, green: 20 } })
    expect(weightsIn((await openJournal(folder, { ...STATE, sequence: 1 })).state)).toBeUndefined()
  })

  it('keeps the fence of each shift, also where the service is gone or an earlier version wrote the line', async () => {
    const folder = await temporaryFolder()
    const earlier = { sequence: 1, environment: 'dev', service: 'web', weights: { blue: 50, green: 50 } }
    await appendFile(join(folder, 'weights.journal'), `\n${JSON.stringify(earlier)}\n`)
    const { journal, state } = await openJournal(folder, STATE)
    expect(weightsIn(state)).toEqual({ blue: 50, green: 50 })
    expect(state?.fences).toBeUndefined()
    await journal.add({ ...WEB, weights: { blue: 0, green: 100 } })
    await journal.add({ ...WEB, service: 'gone', weights: { blue: 0, green: 100 } })
    expect((await openJournal(folder, STATE)).state?.fences).toEqual({ 'dev/web': FENCE, 'dev/gone': FENCE })
  })

  it('is emptied once its entries are in the state, and not before', async () => {
    const folder = await temporaryFolder()
    const { journal } = await openJournal(folder, STATE)
    await journal.add({ ...WEB, weights: { blue: 80, green: 20 } })
    await journal.forget(0)
    expect(await readFile(join(folder, 'weights.journal'), 'utf8')).toContain('80')
    await journal.forget(1)
    expect(await readFile(join(folder, 'weights.journal'), 'utf8')).toBe('')
  })
})
