import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../engine/ports.ts'
import type { AuditEvent } from '../model/audit-event.ts'
import { canonicalJson } from '../model/digest.ts'
import { sha256 } from '../model/sha256.ts'
import { anEntry } from './store-fixtures.ts'

/** The audit log as its readers see it; that it finds changes is tested where its bytes can be changed. */
export function describeAuditLog(open: () => Promise<Store>): void {
  describe('the audit log', () => {
    let store: Store

    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    it('numbers events from 1 and chains each to the one before', async () => {
      const entries = ['first', 'second', 'third'].map(message =>
        anEntry({ message, data: { b: 1, a: [2] } }),
      )
      await store.record([], entries.slice(0, 2))
      await store.record([], entries.slice(2))
      const events = await store.events(0, 10)
      let previous = sha256('sluice audit v1')
      for (const [index, entry] of entries.entries()) {
        const hash = sha256(canonicalJson({ sequence: index + 1, previous, entry }))
        expect(events[index]).toEqual({ ...entry, sequence: index + 1, previous, hash })
        previous = hash
      }
      expect(await store.lastSequence()).toBe(3)
    })

    it('gives the events after a sequence, oldest first, as many as asked for', async () => {
      const entries = Array.from({ length: 450 }, (_, index) => anEntry({ at: index }))
      await store.record([], entries)
      expect((await store.events(447, 10)).map(event => event.sequence)).toEqual([448, 449, 450])
      expect((await store.events(10, 2)).map(event => event.at)).toEqual([10, 11])
      expect(await store.events(450, 10)).toEqual([])
    })

    it('starts empty and whole', async () => {
      expect(await store.lastSequence()).toBe(0)
      expect(await store.events(0, 10)).toEqual([])
      expect(await store.verifyAudit()).toEqual({ events: 0 })
    })

    it('verifies a log longer than it reads at once, also while more is recorded', async () => {
      const entries = Array.from({ length: 1200 }, (_, index) => anEntry({ at: index }))
      await store.record([], entries)
      const [verified] = await Promise.all([
        store.verifyAudit(),
        store.record([], [anEntry()]),
        store.record([], [anEntry()]),
      ])
      expect(verified.broken).toBeUndefined()
      expect(verified.events).toBeGreaterThanOrEqual(1200)
      expect(await store.verifyAudit()).toEqual({ events: 1202 })
    })

    it('stays one chain when many record at once', async () => {
      await Promise.all(Array.from({ length: 20 }, () => store.record([], [anEntry(), anEntry()])))
      expect(await store.verifyAudit()).toEqual({ events: 40 })
    })

    it('tells listeners which events were recorded, as they can be read', async () => {
      const told: AuditEvent[] = []
      store.onRecorded(events => told.push(...events))
      await store.record([], [anEntry(), anEntry({ rollout: 'prod-1.web' })])
      await expect.poll(() => told).toEqual(await store.events(0, 10))
      await store.record([], [])
      await store.record([], [anEntry()])
      await expect.poll(() => told).toEqual(await store.events(0, 10))
    })

    it('tells listeners after events can be read, until they stop listening', async () => {
      const seen: Promise<number>[] = []
      const stop = store.onRecorded(() => seen.push(store.lastSequence()))
      await store.record([], [anEntry()])
      await expect.poll(() => Promise.all(seen)).toEqual([1])
      stop()
      await store.record([], [anEntry()])
      await store.record([], [])
      expect(await Promise.all(seen)).toEqual([1])
    })
  })
}
