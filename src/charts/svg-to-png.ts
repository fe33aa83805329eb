import { createRequire } from 'node:module'

/** Font file from a package, because a minimal container image has no fonts. */
const font = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')

/**
 * Renders SVG of this width in points as PNG, at two pixels a point, for phone displays. The library is loaded with the first
 * picture, so that a worker that never draws one doesn't load it.
 */
export async function renderPng(svg: string, width: number, background = '#ffffff'): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js')
  const fonts = { loadSystemFonts: false, fontFiles: [font], defaultFontFamily: 'DejaVu Sans' }
  return new Resvg(svg, { font: fonts, fitTo: { mode: 'width', value: width * 2 }, background }).render().asPng()
}
