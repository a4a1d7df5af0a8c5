// Draws what a command printed: `FORCE_COLOR=1 sluice status | node scripts/picture.ts 'sluice status' > docs/status.svg`.
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'

const CHARACTER_WIDTH = 8.4
const LINE_HEIGHT = 19
const MARGIN = 18
const COLORS: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '34': '#79c0ff',
  '35': '#d2a8ff',
  '36': '#76e3ea',
  '90': '#8b949e',
}

interface Look {
  fill: string
  bold: boolean
  faint: boolean
}

const PLAIN: Look = { fill: '#e6edf3', bold: false, faint: false }

function look(present: Look, codes: readonly string[]): Look {
  let next = { ...present }
  for (const code of codes) {
    if (code === '0' || code === '') next = { ...PLAIN }
    else if (code === '1') next.bold = true
    else if (code === '2') next.faint = true
    else if (code === '22') next = { ...next, bold: false, faint: false }
    else if (code === '39') next.fill = PLAIN.fill
    else next.fill = COLORS[code] ?? next.fill
  }
  return next
}

const escapeXml = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function drawLine(line: string, y: number): string {
  let present = PLAIN
  let column = 0
  const spans: string[] = []
  for (const [index, part] of line.split(/\u001b\[([0-9;]*)m/).entries()) {
    if (index % 2 === 1) {
      present = look(present, part.split(';'))
      continue
    }
    if (part === '') continue
    const style = `fill="${present.fill}"${present.bold ? ' font-weight="bold"' : ''}${present.faint ? ' opacity="0.6"' : ''}`
    const x = MARGIN + column * CHARACTER_WIDTH
    spans.push(
      `<text x="${x}" y="${y}" ${style} textLength="${part.length * CHARACTER_WIDTH}" xml:space="preserve">${escapeXml(part)}</text>`,
    )
    column += part.length
  }
  return spans.join('')
}

const command = process.argv[2] ?? ''
const lines = [`\u001b[90m$\u001b[39m ${command}`, '', ...(await text(process.stdin)).trimEnd().split('\n')]
const columns = Math.max(...lines.map(line => stripVTControlCharacters(line).length))
const width = Math.ceil(columns * CHARACTER_WIDTH + 2 * MARGIN)
const height = lines.length * LINE_HEIGHT + 2 * MARGIN
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(command)}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${lines.map((line, index) => drawLine(line, MARGIN + (index + 1) * LINE_HEIGHT - 5)).join('\n')}
</g>
</svg>`)
