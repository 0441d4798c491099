/** The dashboard's page. */
import { htmlDocument } from '../html/document.js';

/** The whole page. */
export async function dashPage(): Promise<string> {
  return htmlDocument({
    title: 'gymkhana',
    style: '',
    script: null,
    connects: true,
    body: '<h1>gymkhana</h1><p>The runs are at <a href="/api/runs">/api/runs</a>.</p>',
  });
}
