import { type Chart, panelOf } from './panel.ts'

export interface ChartRow {
  readonly title: string
  /** Side by side; their widths add up to at most 24. */
  readonly charts: readonly Chart[]
}

const COLUMNS = 24
const TITLE_HEIGHT = 1
const CHART_HEIGHT = 8

/** Panels with ids in reading order and places in Grafana's grid: each row's title, then its charts below. */
export function laidOut(rows: readonly ChartRow[]): readonly object[] {
  let id = 0
  return rows.flatMap(({ title, charts }, index) => {
    const y = index * (TITLE_HEIGHT + CHART_HEIGHT)
    id += 1
    const head = {
      id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: TITLE_HEIGHT },
      panels: [],
    }
    let x = 0
    const panels = charts.map(chart => {
      id += 1
      const gridPos = { x, y: y + TITLE_HEIGHT, w: chart.width, h: CHART_HEIGHT }
      x += chart.width
      return { id, gridPos, ...panelOf(chart) }
    })
    return [head, ...panels]
  })
}
