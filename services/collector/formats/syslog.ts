import { createSyslogFrames } from '../listeners/syslog-frames.ts';
import { parseSyslog } from '../syslog-message.ts';
import type { Format } from './format.ts';

/**
 * Syslog over a stream: messages of RFC 5424 or RFC 3164, each framed by its length (RFC 6587, octet counting) or by a
 * line feed; which one shows in each message's first byte. What MSG holds is the record: JSON, or a line of text.
 */
export const syslog: Format = {
  name: 'syslog',
  summary: 'Syslog messages, RFC 5424 and RFC 3164, octet-counted or line by line',
  source: 'RFC 5424; RFC 3164; RFC 5425; RFC 6587',
  *decode(body, readPlain) {
    const frames = createSyslogFrames();
    for (const message of frames.push(body)) yield parseSyslog(message, readPlain);
    for (const message of frames.flush()) yield parseSyslog(message, readPlain);
  },
};
