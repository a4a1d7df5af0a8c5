import { describe } from 'vitest'
import type { Store } from '../engine/ports.ts'
import { describeAnswers } from './answer-contract.ts'
import { describeAuditLog } from './audit-contract.ts'
import { describeLeases } from './lease-contract.ts'
import { describePages } from './page-contract.ts'
import { describeRecords } from './record-contract.ts'
import { describeVersions } from './version-contract.ts'

/** What every store promises; `open` gives one that is empty. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    describeRecords(open)
    describeVersions(open)
    describePages(open)
    describeLeases(open)
    describeAuditLog(open)
    describeAnswers(open)
  })
}
