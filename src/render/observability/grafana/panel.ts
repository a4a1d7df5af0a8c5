/** Whichever Prometheus the reader chooses: its uid differs in every Grafana. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const

/** A chart over time, before it has a place. */
export interface Chart {
  readonly title: string
  readonly description?: string
  /** As Grafana names units. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** A line that should not be crossed. */
  readonly limit?: number
  /** In columns, of which a row has 24. */
  readonly width: number
}

interface Query {
  readonly expr: string
  /** A line is drawn in its color when this ends with it. */
  readonly legend: string
}

/** Blue and green look like themselves, as on the dashboard of CloudWatch; several services are shades of them. */
const LINE_COLORS = { blue: '#1f77b4', green: '#2ca02c' } as const

/** A panel of Grafana, its id and place aside. */
export function panelOf({ title, description, unit, queries, limit }: Chart): object {
  return {
    type: 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, custom: drawing(limit), ...thresholds(limit) },
      overrides: [...Object.entries(LINE_COLORS).map(colored), WANTED],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: 'ABCDEFGH'.charAt(index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      editorMode: 'code',
      range: true,
    })),
  }
}

function drawing(limit: number | undefined): object {
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: 10,
    showPoints: 'never',
    // A gap is a lack of measurements, and should look like one.
    spanNulls: false,
    thresholdsStyle: { mode: limit === undefined ? 'off' : 'line' },
  }
}

function thresholds(limit: number | undefined): object {
  if (limit === undefined) return {}
  const steps = [
    { color: 'transparent', value: null },
    { color: 'red', value: limit },
  ]
  return { thresholds: { mode: 'absolute', steps } }
}

const colored = ([color, fixedColor]: readonly [string, string]): object => ({
  matcher: { id: 'byRegexp', options: `/${color}$/` },
  properties: [{ id: 'color', value: { mode: 'shades', fixedColor } }],
})

/** What should be is drawn as dashes beside what is. */
const WANTED = {
  matcher: { id: 'byRegexp', options: '/ (?:wanted|min|max)(?: |$)/' },
  properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 4] } }],
}
