package io.github.densenet4j.data;

/** Whether a JPEG file's numbers are colours or luma and chroma, by the rules of libjpeg. */
enum JpegColours {
  /** As they are: RGB, CMYK or gray. */
  PLAIN,
  /** Y, Cb, Cr; with a fourth channel YCCK. */
  YCC;

  private static final int APP0 = 0xe0;
  private static final int APP14 = 0xee;
  private static final int START_OF_SCAN = 0xda;
  private static final int ADOBE_TRANSFORM = 11;

  /** Reads the markers before the first scan. */
  static JpegColours of(byte[] jpeg) {
    boolean jfif = false;
    int transform = -1; // what Adobe's marker says; -1 without one
    byte[] components = {};
    int at = 2;
    while (at + 4 <= jpeg.length) {
      int marker = jpeg[at + 1] & 0xff;
      if ((jpeg[at] & 0xff) != 0xff || marker == 0xff) { // fill bytes
        at++;
        continue;
      }
      int length = (jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff;
      int data = at + 4;
      if (marker == START_OF_SCAN || data + length > jpeg.length) {
        break;
      }
      if (marker == APP0 && startsWith(jpeg, data, "JFIF")) {
        jfif = true;
      } else if (marker == APP14
          && startsWith(jpeg, data, "Adobe")
          && length > ADOBE_TRANSFORM + 2) {
        transform = jpeg[data + ADOBE_TRANSFORM] & 0xff;
      } else if (isFrame(marker)) {
        components = new byte[jpeg[data + 5] & 0xff];
        for (int c = 0; c < components.length && data + 6 + 3 * c < jpeg.length; c++) {
          components[c] = jpeg[data + 6 + 3 * c];
        }
      }
      at += 2 + length;
    }
    return of(components, jfif, transform);
  }

  private static JpegColours of(byte[] components, boolean jfif, int transform) {
    if (components.length == 4) {
      return transform == 2 ? YCC : PLAIN;
    }
    if (components.length != 3) {
      return PLAIN;
    }
    if (jfif) {
      return YCC;
    }
    if (transform >= 0) {
      return transform == 0 ? PLAIN : YCC;
    }
    boolean named = components[0] == 'R' && components[1] == 'G' && components[2] == 'B';
    return named ? PLAIN : YCC;
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean startsWith(byte[] bytes, int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (at + i >= bytes.length || bytes[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
