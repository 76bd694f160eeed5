// The usual way of a resize worker (sharp and the like): for each size, open the photo again, let
// libvips shrink while it loads, and encode in the photo's own format with sharp's settings (JPEG and
// WebP quality 80). One thread, cover crops, no metadata.
// Prints the processor time of the whole, in milliseconds.
//
//     sharp-style FOLDER PHOTO...
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <vips/vips.h>

static double processor_milliseconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static int save(VipsImage *image, const char *path) {
    if (strstr(path, ".png"))
        return vips_pngsave(image, path, "compression", 6, "strip", TRUE, NULL);
    if (strstr(path, ".webp"))
        return vips_webpsave(image, path, "Q", 80, "effort", 4, "strip", TRUE, NULL);
    return vips_jpegsave(image, path, "Q", 80, "strip", TRUE, NULL);
}

int main(int count, char **words) {
    if (count < 3 || VIPS_INIT(words[0])) return 2;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    const int sides[] = {150, 480, 1024, 1920};
    for (int photo = 2; photo < count; photo++) {
        for (int size = 0; size < 4; size++) {
            char path[4096];
            VipsImage *image = NULL;
            const char *kind = strrchr(words[photo], '.');
            snprintf(path, sizeof path, "%s/%d-%d%s", words[1], photo, sides[size], kind ? kind : "");
            if (vips_thumbnail(words[photo], &image, sides[size], "height", sides[size], "crop",
                               VIPS_INTERESTING_CENTRE, NULL) ||
                save(image, path))
                vips_error_exit(NULL);
            g_object_unref(image);
        }
    }
    printf("%.1f\n", processor_milliseconds());
    vips_shutdown();
    return 0;
}
