import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createStyle, PLAIN } from '../terminal/style.ts'
import { textWidth } from '../terminal/text-width.ts'
import { STATUS } from '../testing/fixtures.ts'
import { formatStatus } from './status-view.ts'

const shown = (columns: number) => formatStatus(STATUS, { columns, style: PLAIN })

describe('the picture of the status', () => {
  it('has environments as columns and services as rows, and below it what needs somebody', () => {
    expect(shown(80).slice(2).join('\n')).toBe(
      `
     dev                      staging frozen           prod
     127.0.0.1:4100           127.0.0.1:4101           127.0.0.1:4102
api  r-3fa9c1d2e4 green       r-3fa9c1d2e4 green       r-1b2c3d4e5f blue
     ████████ green 100 %     ████████ green 100 %     ██▒▒▒▒▒▒ green 20 %
     healthy 2/2 90m          healthy 2/2 90m          healthy 2/2 90m
                              standby blue 41m left    shift r-3fa9c1d2e4

web  r-3fa9c1d2e4 green       nothing yet              r-1b2c3d4e5f blue
     ████████ green 100 %                              ▒▒▒▒▒▒▒▒ blue 100 %
     healthy 2/2 90m                                   degraded 1/2 90m

frozen staging: the sale

problem prod web: web-2 ended with code 1
    Error: no database
waiting r-3fa9c1d2e4 → prod (prod-12, by ada@example.com) 4m
  … approval  1 of 2 peer approvals given
              sluice approve r-3fa9c1d2e4 --environment prod --kind peer
  … soak      runs in staging for 3m, has to run there for 10m (in 7m)
              wait
`.slice(1),
    )
  })

  it('fits 80 columns with three environments', () => {
    expect(Math.max(...shown(80).map(textWidth))).toBeLessThanOrEqual(80)
  })

  it('becomes a list where the columns would be too narrow', () => {
    const lines = shown(60)
    expect(lines).toContain('prod http://127.0.0.1:4102')
    expect(lines).toContain('    ██▒▒▒▒▒▒ green 20 %')
  })

  it('says the same with colors', () => {
    const colored = formatStatus(STATUS, { columns: 80, style: createStyle(true) })
    expect(colored.map(stripVTControlCharacters).map(line => line.trimEnd())).toEqual(shown(80))
  })

  it('shows a blueprint that was never released', () => {
    const empty = { ...STATUS, environments: [{ name: 'dev', waiting: [], services: [] }] }
    expect(formatStatus(empty, { columns: 80, style: PLAIN }).join('\n')).toContain('dev')
  })
})
