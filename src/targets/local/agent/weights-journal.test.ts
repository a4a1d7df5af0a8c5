import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import type { AgentState } from './agent-state.ts'
import { openJournal } from './weights-journal.ts'

const WEB = { environment: 'dev', service: 'web' }
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
    await journal.add(WEB, { blue: 80, green: 20 })
    await journal.add(WEB, { blue: 0, green: 100 })
    await journal.close()
    await appendFile(join(folder, 'weights.journal'), '\n{"sequence":3,"environ')
    const again = await openJournal(folder, STATE)
    expect(weightsIn(again.state)).toEqual({ blue: 0, green: 100 })
    await again.journal.add(WEB, { blue: 100, green: 0 })
    await again.journal.close()
    expect(weightsIn((await openJournal(folder, STATE)).state)).toEqual({ blue: 100, green: 0 })
  })

  it('passes over what the state already holds, and services that are gone', async () => {
    const folder = await temporaryFolder()
    const { journal } = await openJournal(folder, STATE)
    await journal.add(WEB, { blue: 80, green: 20 })
    await journal.add({ environment: 'dev', service: 'gone' }, { blue: 80, green: 20 })
    expect(weightsIn((await openJournal(folder, { ...STATE, sequence: 1 })).state)).toBeUndefined()
  })

  it('is emptied once its entries are in the state, and not before', async () => {
    const folder = await temporaryFolder()
    const { journal } = await openJournal(folder, STATE)
    await journal.add(WEB, { blue: 80, green: 20 })
    await journal.forget(0)
    expect(await readFile(join(folder, 'weights.journal'), 'utf8')).toContain('80')
    await journal.forget(1)
    expect(await readFile(join(folder, 'weights.journal'), 'utf8')).toBe('')
  })
})
