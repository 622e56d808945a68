package io.github.densenet4j.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.ObjectMapper;

/**
 * A page in one file, which opens without a server and asks no one for anything: its data, style
 * and program are inside, and its content security policy forbids the rest. Curves are drawn by
 * uPlot, which comes along with its licence.
 */
final class Page {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Page() {}

  /** The page that shows data of the kind that {@code page.js} knows. */
  static String html(String title, Map<String, ?> data) throws IOException {
    Matcher places = PLACE.matcher(resource("page.html"));
    StringBuilder out = new StringBuilder();
    while (places.find()) {
      String content =
          switch (places.group(1)) {
            case "title" -> title.replace("&", "&amp;").replace("<", "&lt;");
            case "css" -> resource("page.css");
            case "js" -> resource("page.js");
            case "uplot.css" -> resource("uplot/uPlot.min.css");
            case "uplot.js" -> resource("uplot/uPlot.iife.min.js");
            case "data" -> json(data);
            default -> throw new IllegalStateException("page.html: " + places.group());
          };
      places.appendReplacement(out, Matcher.quoteReplacement(content));
    }
    return places.appendTail(out).toString();
  }

  /** JSON that cannot end the script element it stands in. */
  static String json(Map<String, ?> data) {
    return JSON.writeValueAsString(data).replace("<", "\\u003c");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
